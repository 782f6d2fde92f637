/** Starts the page. */

import { readEvents } from "./event_stream.js";

const list = document.createElement("ol");
document.body.append(list);

for await (const { data } of readEvents({ after: 0, token: undefined })) {
  const item = document.createElement("li");
  item.textContent = data;
  list.append(item);
}
