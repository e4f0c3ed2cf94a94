// Follows what is posted in the channel. Messages are known by id, so hearing of one twice changes nothing.
import { atEnd, localiseTimes, reveal, scroller } from "./view.js";

const fresh = document.getElementById("fresh");
const state = document.getElementById("state");

export function startLive(log) {
  if (!log.dataset.events) return;
  const source = new EventSource(`${log.dataset.events}?since=${encodeURIComponent(log.dataset.since)}`);
  source.addEventListener("message", (event) => take(log, event.data));
  source.addEventListener("open", () => { state.textContent = ""; });
  source.addEventListener("error", () => { state.textContent = "Reconnecting…"; });
  // Browsers keep few connections to one host: a page that is left behind must not hold on to its own.
  window.addEventListener("pagehide", () => source.close());
  window.addEventListener("pageshow", (event) => { if (event.persisted) window.location.reload(); });
  fresh.addEventListener("click", () => {
    fresh.hidden = true;
    scroller.scrollTop = scroller.scrollHeight;
  });
  scroller.addEventListener("scroll", () => { if (atEnd()) fresh.hidden = true; });
}

function take(log, html) {
  const holder = document.createElement("template");
  holder.innerHTML = html;
  const arrived = holder.content.firstElementChild;
  const shown = document.getElementById(arrived.id);
  if (shown) replace(shown, arrived);
  else if (arrived.dataset.parent) reply(arrived);
  else if (arrived.dataset.edit === undefined) append(log, arrived);
}

function replace(shown, arrived) {
  if (shown.dataset.stamp === arrived.dataset.stamp && arrived.dataset.edit === undefined) return;
  const content = arrived.querySelector(".content");
  shown.dataset.stamp = arrived.dataset.stamp;
  // The first .content is the message's own; those of its replies stand after it.
  shown.querySelector(".content").replaceWith(content);
  adopt(content);
}

function reply(arrived) {
  const parent = document.getElementById(arrived.dataset.parent);
  if (!parent) return;
  const following = atEnd();
  const thread = parent.querySelector(".thread");
  const replies = thread.querySelector(".replies");
  replies.append(arrived);
  thread.querySelector(".number").textContent = replies.children.length;
  thread.querySelector(".word").textContent = replies.children.length === 1 ? "reply" : "replies";
  if (thread.hidden) {
    thread.hidden = false;
    thread.open = parent === parent.parentElement.lastElementChild;
  }
  adopt(arrived);
  announce(parent, following);
}

function append(log, arrived) {
  const following = atEnd();
  document.getElementById("empty")?.remove();
  log.append(arrived);
  adopt(arrived);
  announce(arrived, following);
}

function adopt(node) {
  localiseTimes(node);
  window.htmx.process(node);
}

/** Follow the channel where the reader stands at its end; elsewhere only say that there is more. */
function announce(node, following) {
  if (following) reveal(node);
  else fresh.hidden = false;
}
