// Small things that several parts of the page do to what is shown.

const sameDay = new Intl.DateTimeFormat(undefined, { hour: "2-digit", minute: "2-digit" });
const otherDay = new Intl.DateTimeFormat(undefined, {
  weekday: "short", day: "numeric", month: "short", hour: "2-digit", minute: "2-digit",
});
const whole = new Intl.DateTimeFormat(undefined, { dateStyle: "full", timeStyle: "long" });

/** Put the instants into the reader's own zone and habits. */
export function localiseTimes(root) {
  for (const time of root.querySelectorAll("time[data-local]")) {
    const instant = new Date(time.dateTime);
    const today = instant.toDateString() === new Date().toDateString();
    time.textContent = (today ? sameDay : otherDay).format(instant);
    time.title = whole.format(instant);
    delete time.dataset.local;
  }
}

export const scroller = document.getElementById("scroller");

/** True while the reader looks at the newest messages. */
export function atEnd() {
  return scroller.scrollHeight - scroller.scrollTop - scroller.clientHeight < 120;
}

/** Go to the newest message. */
export function toEnd() {
  scroller.scrollTop = scroller.scrollHeight;
}

/** Show a message: its end, or its beginning where it is taller than the window. */
export function reveal(node) {
  if (!node) return;
  const tall = node.offsetHeight > scroller.clientHeight;
  if (tall) scrollTo(scroller, node);
  else toEnd();
}

/** Bring a part to the beginning of what scrolls it. Not scrollIntoView: that moves where the Tab key goes on from. */
export function scrollTo(box, part) {
  const [outer, inner] = [box.getBoundingClientRect(), part.getBoundingClientRect()];
  box.scrollBy(inner.left - outer.left, inner.top - outer.top);
}

/** A line from the page itself. */
export function say(log, text) {
  const line = document.createElement("p");
  line.className = "note note-error";
  line.setAttribute("role", "alert");
  line.textContent = text;
  log.append(line);
  reveal(line);
}
