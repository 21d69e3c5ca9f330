// Parts of a page that move (an id and data-live="topics") are exchanged for new ones when something of their topics
// changed, and every half minute while the page is looked at. What somebody is filling in is left alone.

const EVERY_MS = 30_000;
const AT_MOST_EVERY_MS = 1_000;
const parts = () => [...document.querySelectorAll("[id][data-live]")];
const topicsOf = (part) => part.dataset.live.split(/\s+/);
let due = false, busy = false, last = 0;

const isInUse = (part) => part.contains(document.activeElement) && document.activeElement.matches("input, select, textarea, button, summary");

async function refresh() {
  if (busy || document.hidden) {
    due = true;
    return;
  }
  busy = true;
  due = false;
  try {
    const answer = await fetch(location.href, { headers: { accept: "text/html" }, cache: "no-store" });
    if (!answer.ok || answer.redirected) return;
    const page = new DOMParser().parseFromString(await answer.text(), "text/html");
    for (const part of parts()) exchange(part, page.getElementById(part.id));
    last = Date.now();
  } catch {
    // No network: the page stays as it is, and the stream tells when there is one again.
  } finally {
    busy = false;
  }
}

// A form's token is another one on each page, and says nothing new.
const shown = (part) => part.innerHTML.replaceAll(/(name="csrf" value=")[0-9a-f]+/g, "$1");

function exchange(part, fresh) {
  if (!fresh || isInUse(part) || shown(part) === shown(fresh)) return;
  const open = new Set([...part.querySelectorAll("details[open][id]")].map((one) => one.id));
  part.replaceWith(fresh);
  for (const one of fresh.querySelectorAll("details[id]")) one.open ||= open.has(one.id);
  fresh.classList.add("moved");
  fresh.dispatchEvent(new CustomEvent("saojie:exchanged", { bubbles: true }));
}

let waiting = 0;
function soon() {
  if (waiting) return;
  waiting = setTimeout(() => {
    waiting = 0;
    refresh();
  }, Math.max(0, last + AT_MOST_EVERY_MS - Date.now()));
}

function listen() {
  const stream = new EventSource("/events");
  stream.addEventListener("changed", (event) => {
    const changed = new Set(event.data.split(" "));
    document.dispatchEvent(new CustomEvent("saojie:changed", { detail: changed }));
    if (parts().some((part) => topicsOf(part).some((topic) => changed.has(topic)))) soon();
  });
  addEventListener("pagehide", () => stream.close());
}

if (parts().length || document.querySelector("[data-listens]")) {
  listen();
  setInterval(() => parts().length && !document.hidden && soon(), EVERY_MS);
  document.addEventListener("visibilitychange", () => due && !document.hidden && soon());
}
