// Draws messages, a modal and App Home with slack-blocks-to-jsx, which draws Block Kit as Slack does.
import React from "react";
import { createRoot } from "react-dom/client";
import { Message } from "slack-blocks-to-jsx";
import "@fontsource/noto-emoji/400.css";
import "slack-blocks-to-jsx/dist/style.css";

const LOGO =
  "data:image/svg+xml;utf8,<svg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 36 36'><rect width='36' height='36' rx='8' fill='%231f2937'/><path d='M10 9h16M10 15h16M10 21h10M10 27h16' stroke='white' stroke-width='2.4'/></svg>";

window.draw = (panels, theme) => {
  const messages = panels.map((panel, place) => (
    <div key={place} className={`panel ${panel.kind}`}>
      {panel.title && <div className="bar">{panel.title}</div>}
      <Message
        logo={LOGO}
        name="Broadsheet"
        time={new Date(2026, 4, 29, 9, 0)}
        blocks={panel.blocks}
        theme={theme}
        withoutWrapper={Boolean(panel.title)}
      />
      {panel.submit && (
        <div className="foot">
          <button>Cancel</button>
          <button className="primary">{panel.submit}</button>
        </div>
      )}
    </div>
  ));
  createRoot(document.getElementById("root")).render(messages);
};
