module example.com/acs-agent

go 1.19
