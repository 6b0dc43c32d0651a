// Editing a question, or how it was understood, in place: Enter asks, Escape leaves everything as it was. What
// is typed is kept until the server has taken it, however often the conversation is shown anew meanwhile.
(() => {
  const SHOWN = { edit: ".fn-asked", reword: ".fn-reworded" }; // what a button turns into a field
  const drafts = new Map(); // what is being typed, by conversation, exchange and button
  let typing = ""; // the draft whose field has the focus, also while it is being shown anew

  const messages = () => document.querySelector("#fn-now .fn-messages");
  const field = (key) => document.querySelector(`.fn-edit[data-key="${CSS.escape(key)}"] textarea`);
  const isShown = (draft) => messages()?.dataset.for === draft.here && draft.here === fnHere();

  window.fnEdit = (button) => {
    const exchange = button.closest(".fn-exchange");
    const [n, what, here] = [+exchange.dataset.n, button.dataset.do, fnHere()];
    const key = `${here} ${n} ${what}`;
    const text = exchange.querySelector(SHOWN[what]).textContent;
    if (!drafts.has(key)) drafts.set(key, { here, n, what, text, sent: false });
    show(key);
    field(key)?.focus();
  };

  function show(key) {
    const draft = drafts.get(key);
    const exchange = document.querySelector(`#fn-log .fn-exchange[data-n="${draft.n}"]`);
    const held = exchange?.querySelector(SHOWN[draft.what]);
    if (!held || field(key)) return;
    const form = document.createElement("form");
    form.className = "fn-edit";
    form.dataset.key = key;
    const area = document.createElement("textarea");
    const name = draft.what === "edit" ? fnSaid("The question") : fnSaid("How it was understood");
    area.setAttribute("aria-label", name);
    area.rows = 1;
    area.value = draft.text;
    area.readOnly = draft.sent;
    const hint = document.createElement("p");
    hint.textContent = fnSaid("Enter asks again, Escape cancels. Later questions are replaced.");
    form.append(area, hint);
    const whole = held.closest(".fn-standalone") ?? held;
    whole.hidden = true;
    whole.after(form);
    const fit = () => { area.style.height = "auto"; area.style.height = area.scrollHeight + 2 + "px"; };
    area.addEventListener("input", () => { draft.text = area.value; fit(); });
    area.addEventListener("keydown", (event) => press(event, key));
    fit();
    area.setSelectionRange(area.value.length, area.value.length);
  }

  function press(event, key) {
    const draft = drafts.get(key);
    if (event.key === "Escape") {
      event.stopPropagation();
      const exchange = event.target.closest(".fn-exchange");
      end(key);
      exchange.querySelector(`button[data-do=${draft.what}]`)?.focus();
    } else if (event.key === "Enter" && !event.shiftKey && !event.isComposing) {
      event.preventDefault();
      if (draft.text.trim() && !draft.sent) fnTalk.asks(() => send(draft));
    }
  }

  function send(draft) {
    for (const other of drafts.values()) other.sent = other === draft;
    restore();
    fnTalk.tell("fn-edited", "instead", draft.here, draft.n, draft.text, fnTalk.seen());
  }

  function end(key) {
    const form = field(key)?.form;
    drafts.delete(key);
    if (!form) return;
    form.previousElementSibling.hidden = false;
    form.remove();
  }

  // The server has answered to what was sent: with the line above the box, or not at all.
  window.fnEdited = (line) => {
    const key = [...drafts.keys()].find((one) => drafts.get(one).sent);
    if (key === undefined) return;
    if (line !== null && !line.includes("fn-refused")) {
      end(key);
      return;
    }
    drafts.get(key).sent = false;
    typing = key;
    restore();
  };

  // Show what is being typed where the conversation was shown anew; in the box, where its exchange is gone.
  function restore() {
    const newest = +(document.querySelector("#fn-now .fn-exchange")?.dataset.n ?? 0);
    for (const [key, draft] of drafts) {
      if (!isShown(draft)) continue;
      if (draft.n > newest && !draft.sent) {
        drafts.delete(key);
        fnTalk.put(draft.text);
        continue;
      }
      show(key);
      const area = field(key);
      if (!area) continue;
      area.readOnly = draft.sent;
      if (typing === key && !draft.sent && document.activeElement !== area) area.focus();
    }
  }

  document.addEventListener("focusin", (event) => {
    typing = event.target.closest?.(".fn-edit")?.dataset.key ?? "";
  });

  // What is typed at the end of a page, for the one that comes in its place.
  window.fnDrafts = () => [...drafts.values()];
  window.fnTakeDrafts = (given) => {
    for (const draft of given) drafts.set(`${draft.here} ${draft.n} ${draft.what}`, { ...draft, sent: false });
    restore();
  };

  const arriving = new MutationObserver(() => {
    const log = document.getElementById("fn-log");
    if (!log) return;
    arriving.disconnect();
    new MutationObserver(() => { if (drafts.size) restore(); }).observe(log, { childList: true, subtree: true });
  });
  arriving.observe(document, { childList: true, subtree: true });
})();
