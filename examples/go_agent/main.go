// A minimal ECS agent in Go, with the standard library alone.
//
// It finds ACS, connects, answers heartbeats, and acknowledges tasks and their credentials without
// running them. A real agent would use aws-sdk-go-v2 to sign and a WebSocket library;
// docs/protocol.md describes everything that ACS sends.
//
// Settings: AWS_ENDPOINT_URL_ECS, AWS_REGION, AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY,
// AWS_SESSION_TOKEN and ACS_CONTAINER_INSTANCE_ARN, as "acs emulate" sets them.
package main

import (
	"bufio"
	"bytes"
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"os"
	"os/signal"
	"sort"
	"strings"
	"syscall"
	"time"
)

const (
	shortestDelay = 250 * time.Millisecond
	longestDelay  = 2 * time.Minute
)

var (
	region   = setting("AWS_REGION", "us-west-2")
	ecsURL   = setting("AWS_ENDPOINT_URL_ECS", "https://ecs."+region+".amazonaws.com")
	instance = setting("ACS_CONTAINER_INSTANCE_ARN", "")
	cluster  = clusterOf(instance)
)

func setting(name, fallback string) string {
	if value := os.Getenv(name); value != "" {
		return value
	}
	return fallback
}

func clusterOf(arn string) string {
	if parts := strings.Split(arn, "/"); len(parts) == 3 {
		return parts[1]
	}
	return "default"
}

// sign adds the headers of Signature Version 4, for the service "ecs".
func sign(request *http.Request, body []byte) {
	stamp := time.Now().UTC().Format("20060102T150405Z")
	request.Header.Set("X-Amz-Date", stamp)
	if token := os.Getenv("AWS_SESSION_TOKEN"); token != "" {
		request.Header.Set("X-Amz-Security-Token", token)
	}
	names := []string{"host"}
	for name := range request.Header {
		if strings.HasPrefix(name, "X-Amz-") {
			names = append(names, strings.ToLower(name))
		}
	}
	sort.Strings(names)
	canonical := request.Method + "\n" + request.URL.EscapedPath() + "\n" + request.URL.RawQuery + "\n"
	for _, name := range names {
		value := request.Header.Get(name)
		if name == "host" {
			value = request.URL.Host
		}
		canonical += name + ":" + value + "\n"
	}
	signed := strings.Join(names, ";")
	canonical += "\n" + signed + "\n" + digest(body)
	scope := stamp[:8] + "/" + region + "/ecs/aws4_request"
	key := []byte("AWS4" + os.Getenv("AWS_SECRET_ACCESS_KEY"))
	for _, part := range strings.Split(scope, "/") {
		key = mac(key, part)
	}
	text := "AWS4-HMAC-SHA256\n" + stamp + "\n" + scope + "\n" + digest([]byte(canonical))
	request.Header.Set("Authorization", fmt.Sprintf(
		"AWS4-HMAC-SHA256 Credential=%s/%s, SignedHeaders=%s, Signature=%s",
		os.Getenv("AWS_ACCESS_KEY_ID"), scope, signed, hex.EncodeToString(mac(key, text))))
}

func digest(data []byte) string {
	sum := sha256.Sum256(data)
	return hex.EncodeToString(sum[:])
}

func mac(key []byte, text string) []byte {
	hash := hmac.New(sha256.New, key)
	hash.Write([]byte(text))
	return hash.Sum(nil)
}

// discover asks ECS for the endpoint of ACS.
func discover() (string, error) {
	body, _ := json.Marshal(map[string]string{"containerInstance": instance, "cluster": cluster})
	request, err := http.NewRequest("POST", strings.TrimSuffix(ecsURL, "/")+"/", bytes.NewReader(body))
	if err != nil {
		return "", err
	}
	request.Header.Set("Content-Type", "application/x-amz-json-1.1")
	request.Header.Set("X-Amz-Target", "AmazonEC2ContainerServiceV20141113.DiscoverPollEndpoint")
	sign(request, body)
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		return "", err
	}
	defer response.Body.Close()
	if response.StatusCode != http.StatusOK {
		text, _ := io.ReadAll(io.LimitReader(response.Body, 4096))
		return "", fmt.Errorf("DiscoverPollEndpoint: %s %s", response.Status, text)
	}
	var answer struct{ Endpoint string }
	err = json.NewDecoder(response.Body).Decode(&answer)
	return answer.Endpoint, err
}

// connection is a WebSocket to ACS: text frames in, text frames out.
type connection struct {
	stream io.ReadWriteCloser
	reader *bufio.Reader
}

func connect(endpoint string) (*connection, error) {
	query := url.Values{
		"agentHash":            {"unknown"},
		"agentVersion":         {"1.0.0"},
		"clusterArn":           {cluster},
		"containerInstanceArn": {instance},
		"protocolVersion":      {"2"},
		"sendCredentials":      {"true"},
		"seqNum":               {"1"},
	}
	address := strings.TrimSuffix(endpoint, "/") + "/ws?" + query.Encode()
	request, err := http.NewRequest("GET", address, nil)
	if err != nil {
		return nil, err
	}
	key := make([]byte, 16)
	rand.Read(key)
	request.Header.Set("Upgrade", "websocket")
	request.Header.Set("Connection", "Upgrade")
	request.Header.Set("Sec-WebSocket-Version", "13")
	request.Header.Set("Sec-WebSocket-Key", base64.StdEncoding.EncodeToString(key))
	sign(request, nil)
	response, err := http.DefaultTransport.RoundTrip(request)
	if err != nil {
		return nil, err
	}
	stream, ok := response.Body.(io.ReadWriteCloser)
	if response.StatusCode != http.StatusSwitchingProtocols || !ok {
		defer response.Body.Close()
		text, _ := io.ReadAll(io.LimitReader(response.Body, 4096))
		return nil, fmt.Errorf("refused: %s %s", response.Status, text)
	}
	return &connection{stream, bufio.NewReader(stream)}, nil
}

func (c *connection) send(opcode byte, data []byte) error {
	frame := []byte{128 | opcode}
	if len(data) < 126 {
		frame = append(frame, 128|byte(len(data)))
	} else {
		frame = append(frame, 128|126, byte(len(data)>>8), byte(len(data)))
	}
	mask := make([]byte, 4)
	rand.Read(mask)
	frame = append(frame, mask...)
	for i, each := range data {
		frame = append(frame, each^mask[i%4])
	}
	_, err := c.stream.Write(frame)
	return err
}

// receive returns the next message, or io.EOF if the service closed the connection.
func (c *connection) receive() ([]byte, error) {
	var message []byte
	for {
		head := make([]byte, 2)
		if _, err := io.ReadFull(c.reader, head); err != nil {
			return nil, err
		}
		size := uint64(head[1] & 127)
		if size >= 126 {
			wide := make([]byte, 8)
			part := wide[6:]
			if size == 127 {
				part = wide
			}
			if _, err := io.ReadFull(c.reader, part); err != nil {
				return nil, err
			}
			size = binary.BigEndian.Uint64(wide)
		}
		data := make([]byte, size)
		if _, err := io.ReadFull(c.reader, data); err != nil {
			return nil, err
		}
		switch head[0] & 15 {
		case 8:
			c.send(8, data)
			return nil, io.EOF
		case 9:
			if err := c.send(10, data); err != nil {
				return nil, err
			}
		case 0, 1, 2:
			message = append(message, data...)
			if head[0]&128 != 0 {
				return message, nil
			}
		}
	}
}

type credentials struct {
	CredentialsID string `json:"credentialsId"`
	Expiration    string `json:"expiration"`
}

type message struct {
	MessageID            string       `json:"messageId"`
	ClusterArn           string       `json:"clusterArn"`
	ContainerInstanceArn string       `json:"containerInstanceArn"`
	RoleCredentials      *credentials `json:"roleCredentials"`
	Tasks                []struct {
		Arn                      string       `json:"arn"`
		DesiredStatus            string       `json:"desiredStatus"`
		RoleCredentials          *credentials `json:"roleCredentials"`
		ExecutionRoleCredentials *credentials `json:"executionRoleCredentials"`
	} `json:"tasks"`
}

type answer struct {
	Type    string            `json:"type"`
	Message map[string]string `json:"message"`
}

// answersTo returns the answers to a message.
func answersTo(kind string, m message) []answer {
	switch kind {
	case "HeartbeatMessage":
		return []answer{{"HeartbeatAckRequest", map[string]string{"messageId": m.MessageID}}}
	case "IAMRoleCredentialsMessage":
		return credentialsAck(m.MessageID, m.RoleCredentials)
	case "PayloadMessage", "TaskManifestMessage", "ConfirmAttachmentMessage",
		"AttachTaskNetworkInterfacesMessage", "AttachInstanceNetworkInterfacesMessage":
		answers := []answer{{"AckRequest", map[string]string{
			"cluster": m.ClusterArn, "containerInstance": m.ContainerInstanceArn, "messageId": m.MessageID,
		}}}
		if kind != "PayloadMessage" {
			return answers
		}
		for _, task := range m.Tasks {
			fmt.Println(task.DesiredStatus, task.Arn)
			answers = append(answers, credentialsAck(m.MessageID, task.RoleCredentials)...)
			answers = append(answers, credentialsAck(m.MessageID, task.ExecutionRoleCredentials)...)
		}
		return answers
	}
	return nil
}

func credentialsAck(messageID string, c *credentials) []answer {
	if c == nil {
		return nil
	}
	return []answer{{"IAMRoleCredentialsAckRequest", map[string]string{
		"messageId": messageID, "expiration": c.Expiration, "credentialsId": c.CredentialsID,
	}}}
}

// serve connects, and answers messages until the connection ends.
func serve() error {
	endpoint, err := discover()
	if err != nil {
		return err
	}
	c, err := connect(endpoint)
	if err != nil {
		return err
	}
	defer c.stream.Close()
	fmt.Println("connected")
	for {
		text, err := c.receive()
		if err != nil {
			return err
		}
		var frame struct {
			Type    string
			Message message
		}
		if json.Unmarshal(text, &frame) != nil {
			continue // not a message: drop it, and keep the connection
		}
		for _, each := range answersTo(frame.Type, frame.Message) {
			data, _ := json.Marshal(each)
			if err := c.send(1, data); err != nil {
				return err
			}
		}
	}
}

func main() {
	stop := make(chan os.Signal, 1)
	signal.Notify(stop, syscall.SIGTERM, os.Interrupt)
	go func() {
		<-stop
		os.Exit(0)
	}()
	delay := shortestDelay
	for {
		started := time.Now()
		fmt.Fprintln(os.Stderr, serve())
		if time.Since(started) > 5*time.Second {
			delay = shortestDelay
		}
		time.Sleep(delay)
		if delay += delay / 2; delay > longestDelay {
			delay = longestDelay
		}
	}
}
