// Follows what is posted in the channel. Messages are known by id, so hearing of one twice changes nothing.
import { takeMark } from "./marks.js";
import { takeReply } from "./thread.js";
import { atEnd, localiseTimes, reveal, scroller, toEnd } from "./view.js";

const fresh = document.getElementById("fresh");
const state = document.getElementById("state");

export function startLive(log) {
  if (!log.dataset.events) return;
  const source = new EventSource(`${log.dataset.events}?since=${encodeURIComponent(log.dataset.since)}`);
  source.addEventListener("message", (event) => take(log, event.data));
  source.addEventListener("mark", (event) => takeMark(event.data));
  source.addEventListener("open", () => { state.textContent = ""; });
  source.addEventListener("error", () => { state.textContent = "Reconnecting…"; });
  // Browsers keep few connections to one host: a page that is left behind must not hold on to its own.
  window.addEventListener("pagehide", () => source.close());
  window.addEventListener("pageshow", (event) => { if (event.persisted) window.location.reload(); });
  fresh.addEventListener("click", () => {
    fresh.hidden = true;
    toEnd();
    document.getElementById("text").focus({ preventScroll: true });
  });
  scroller.addEventListener("scroll", () => {
    if (atEnd()) tell(false);
    else if (fresh.hidden && isFar()) tell(false, true);
  }, { passive: true });
}

function take(log, html) {
  const holder = document.createElement("template");
  holder.innerHTML = html;
  const arrived = holder.content.firstElementChild;
  const opening = document.getElementById(`t-${arrived.id.slice(2)}`);
  if (opening) replace(opening, arrived.cloneNode(true));
  const shown = document.getElementById(arrived.id);
  if (shown) replace(shown, arrived);
  else if (arrived.dataset.parent) takeReply(arrived, adopt);
  else if (arrived.dataset.edit === undefined) append(log, arrived);
}

function replace(shown, arrived) {
  if (shown.dataset.stamp === arrived.dataset.stamp && arrived.dataset.edit === undefined) return;
  const content = arrived.querySelector(".content");
  shown.dataset.stamp = arrived.dataset.stamp;
  shown.querySelector(".content").replaceWith(content);
  adopt(content);
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
  else tell(true);
}

const isFar = () => scroller.scrollHeight - scroller.scrollTop - scroller.clientHeight > 2 * scroller.clientHeight;

function tell(isNew, isShown = isNew) {
  fresh.hidden = !isShown;
  fresh.classList.toggle("fresh-new", isNew);
  fresh.textContent = isNew ? "New messages" : "Jump to the latest";
}
