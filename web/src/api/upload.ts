import { faultOf, offline, urlOf } from "./client";
import type { Problem, Upload } from "./types";

/** Sends a file as it is, telling how much has gone; fetch cannot tell that, so this is XMLHttpRequest. */
export function upload(file: File, progress: (sent: number, total: number) => void): Promise<Upload> {
  return new Promise((resolve, reject) => {
    const request = new XMLHttpRequest();
    request.open("POST", urlOf("/v1/uploads", { name: file.name }));
    request.setRequestHeader("Content-Type", "application/octet-stream");
    request.setRequestHeader("Accept", "application/json");
    request.upload.addEventListener("progress", (event) => progress(event.loaded, event.total || file.size));
    request.addEventListener("error", () => reject(offline()));
    request.addEventListener("load", () => {
      let body: unknown = {};
      try {
        body = JSON.parse(request.responseText);
      } catch {
        // The status alone then says what went wrong.
      }
      if (request.status >= 200 && request.status < 300) resolve(body as Upload);
      else reject(faultOf(body as Problem, request.status));
    });
    request.send(file);
  });
}
