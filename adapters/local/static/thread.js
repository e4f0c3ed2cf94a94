// The thread at the side. It is loaded when it is opened; the channel itself only counts replies.

import { atEnd, toEnd } from "./view.js";

const side = document.getElementById("thread");
let opener = null;

export function startThread(log) {
  document.addEventListener("htmx:beforeRequest", (event) => {
    if (event.detail.target === side) opener = event.detail.elt;
  });
  document.addEventListener("htmx:afterSettle", (event) => {
    if (event.detail.target === side) open();
    // On a phone the thread covers the channel, where the answer to a command stands.
    else if (event.detail.target === log && !side.hidden && coversAll()) close(false);
  });
  side.addEventListener("click", (event) => {
    // With the thread's own page open, the link leads back to the channel, as it does without script.
    if (!event.target.closest("[data-close-thread]")) return;
    event.preventDefault();
    close();
  });
  document.addEventListener("keydown", (event) => {
    if (event.key !== "Escape" || side.hidden || event.defaultPrevented) return;
    if (document.querySelector("dialog[open]") || event.target.closest("#composer")) return;
    close();
  });
}

function open() {
  side.hidden = false;
  document.body.classList.add("with-thread");
  side.querySelector("[data-focus]")?.focus();
}

function close(giveBack = true) {
  const back = opener ?? linkOf(side.querySelector("[data-thread]")?.dataset.thread);
  side.hidden = true;
  side.replaceChildren();
  document.body.classList.remove("with-thread");
  opener = null;
  if (giveBack) (back?.isConnected ? back : document.getElementById("text")).focus();
}

const linkOf = (id) => document.getElementById(id)?.querySelector(".thread-link");
const coversAll = () => window.matchMedia("(max-width: 62rem)").matches;

/** A reply: it counts where its message stands, and shows where the thread is open. Hearing of it twice is harmless. */
export function takeReply(arrived, adopt) {
  count(arrived);
  const shown = side.querySelector("[data-thread]");
  if (shown?.dataset.thread !== arrived.dataset.parent) return;
  const replies = shown.querySelector(".replies");
  const following = shown.scrollHeight - shown.scrollTop - shown.clientHeight < 120;
  replies.append(arrived);
  write(shown.querySelector(".thread-count"), replies.children.length);
  adopt(arrived);
  if (following) shown.scrollTop = shown.scrollHeight;
}

function count(arrived) {
  const link = linkOf(arrived.dataset.parent);
  const id = arrived.id.slice(2);
  // Ids sort by time: what is not newer than the last one was counted when the page was drawn.
  if (!link || id <= link.dataset.last) return;
  const following = atEnd();
  link.dataset.last = id;
  write(link, Number(link.querySelector(".number").textContent) + 1);
  link.parentElement.hidden = false;
  if (following) toEnd();
}

function write(place, number) {
  place.querySelector(".number").textContent = number;
  place.querySelector(".word").textContent = number === 1 ? "reply" : "replies";
}
