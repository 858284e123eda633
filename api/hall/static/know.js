// Makes the talk quicker, never different: every message is rendered by the server, and each form works without this.
"use strict";

const ANNOUNCE_MS = 1000;
const QUIET_MS = 500;
const PATIENCE_MS = 10000;

/** Leaves at once: covers the page, tells the server without waiting, and replaces this page. */
class Leave {
  constructor($root) {
    this.$root = $root;
    $root.addEventListener("submit", (event) => this.go(event));
  }

  go(event) {
    event.preventDefault();
    const cover = document.createElement("div");
    cover.className = "cover";
    document.body.replaceChildren(cover);
    document.title = "";
    fetch(this.$root.action, { method: "POST", keepalive: true, redirect: "manual" }).catch(() => {});
    window.location.replace(this.$root.dataset.to);
  }
}

/** The talk: posts any of its forms, puts the rendered turn in, and says it once to screen readers. */
class Talk {
  constructor($root) {
    this.$root = $root;
    this.$log = document.getElementById("new-messages");
    this.$ask = document.querySelector("[data-module=ask]");
    this.$box = this.$ask.querySelector("[name=text]");
    this.turns = $root.querySelectorAll(".answer").length;
    this.busy = false;
    document.addEventListener("submit", (event) => this.submitted(event));
  }

  submitted(event) {
    const $form = event.target;
    // Browsers that do not say which button was pressed send the form themselves, which works as well.
    if (!$form.action.endsWith("/say") || !("submitter" in event)) return;
    event.preventDefault();
    const body = new FormData($form);
    if (event.submitter?.name) body.append(event.submitter.name, event.submitter.value);
    const wantsPerson = body.get("act") === "person";
    if (!this.busy || wantsPerson) this.send($form, body, event.submitter);
  }

  async send($form, body, $button) {
    this.busy = true;
    const giveUp = new AbortController();
    const limit = window.setTimeout(() => giveUp.abort(), PATIENCE_MS);
    const waiting = window.setTimeout(() => this.tell(this.$ask.dataset.sending), QUIET_MS);
    try {
      const answer = await fetch($form.action, {
        method: "POST", headers: { "X-Fragment": "1" }, body: new URLSearchParams(body), signal: giveUp.signal,
      });
      if (answer.redirected) {
        window.location.replace(answer.url + (answer.url.includes("#") ? "" : "#latest"));
        return;
      }
      this.show(await answer.text(), answer.ok, $button);
      if (answer.ok && this.$box.value === body.get("text")) this.$box.value = "";
    } catch {
      this.tell(this.$ask.dataset.notSent);
      document.querySelector(".pinned").hidden = false;
    } finally {
      window.clearTimeout(limit);
      window.clearTimeout(waiting);
      this.busy = false;
    }
  }

  show(html, isTurn, $button) {
    const $new = document.createElement("template");
    $new.innerHTML = html;
    const $told = $new.content.querySelector(".told");
    if (!isTurn) {
      this.tell($told.textContent);
      this.token($told.dataset.token);
      return;
    }
    this.tell("");
    this.$root.querySelectorAll(".row").forEach(($row) => { $row.hidden = true; });
    this.$root.querySelectorAll("#latest").forEach(($old) => $old.removeAttribute("id"));
    const $answer = $new.content.querySelector(".answer");
    const $first = $new.content.querySelector("article");
    this.number($new.content);
    this.$root.append($new.content);
    this.token($answer.dataset.token);
    this.level($answer.dataset.level);
    if ($answer.dataset.alarm) document.querySelector(".pinned").hidden = false;
    this.announce($answer);
    $first.scrollIntoView({ block: "start" });
    // Who typed goes on typing; who pressed a button goes on from the answer.
    if ($button && !this.$ask.contains($button)) this.focus($answer.querySelector("h3"));
  }

  /** The server counts the turns it remembers; the page shows more of them, and each needs a name of its own. */
  number($turn) {
    this.turns += 1;
    $turn.querySelectorAll("article").forEach(($article) => {
      const $heading = $article.querySelector("h3");
      $heading.id = `${$article.className.split(" ")[0]}-turn-${this.turns}`;
      $article.setAttribute("aria-labelledby", $heading.id);
    });
  }

  focus($heading) {
    $heading.tabIndex = -1;
    $heading.focus({ preventScroll: true });
  }

  token(token) {
    document.querySelectorAll("input[name=chat]").forEach(($input) => { $input.value = token; });
  }

  level(level) {
    document.querySelectorAll(".levels button").forEach(($button) => {
      $button.setAttribute("aria-pressed", String($button.value === level));
    });
  }

  announce($answer) {
    const words = [...$answer.querySelectorAll("h3, .bubble-words")].map(($part) => $part.textContent.trim());
    this.$log.lang = $answer.querySelector(".bubbles")?.lang ?? "";
    this.$log.textContent = words.join(" ");
    window.setTimeout(() => { this.$log.textContent = ""; }, ANNOUNCE_MS);
  }

  tell(words) {
    document.getElementById("told").textContent = words;
    if (words) this.$box.setAttribute("aria-describedby", "told");
    else this.$box.removeAttribute("aria-describedby");
  }
}

const MODULES = { leave: Leave, talk: Talk };
document.querySelectorAll("[data-module]").forEach(($root) => {
  const Module = MODULES[$root.dataset.module];
  if (Module) new Module($root);
});
