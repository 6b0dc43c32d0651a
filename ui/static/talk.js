// The conversation and its address. The address says which conversation is looked at (#chat=ID), the
// server what it holds; while an answer grows, the server is asked again several times a second.
(() => {
  const LOOK = 180; // milliseconds between two looks at an answer that grows
  const OVERTAKEN = 3; // looks for which another address than ours may be shown before ours is opened again
  const TYPED = 250; // milliseconds without a key after which what was typed counts
  const FIELDS = ["first", "last", "author", "venue", "source", "tag"]; // of the scope, in the server's order
  const TOLD = 5000; // milliseconds for which a line of our own is shown
  const MARGIN = 20; // pixels above a question that has been scrolled to the top
  let here = "chat"; // the address that is looked at, also while another page is shown
  let shown = "";
  let judging = 0;
  let narrowed = "";
  let narrowing = 0;
  let strange = 0;
  let narrowings = 0; // how often this tab has changed which papers are asked
  const greeting = []; // what was looked at when the server was asked what there is, oldest first

  const log = () => document.getElementById("fn-log");
  const messages = () => document.querySelector("#fn-now .fn-messages");
  const box = () => document.querySelector("#fn-box textarea");
  const busy = () => messages()?.getAttribute("aria-busy") === "true";
  const isOfAnother = () => ![null, undefined, "", here].includes(messages()?.getAttribute("data-for"));
  const onChat = () => document.body.dataset.page === undefined || /^(chat|$)/.test(location.hash.slice(1));

  window.fnHere = () => here;
  window.fnGreet = () => {
    greeting.push([here, narrowings]);
    return here;
  };
  window.fnGreeted = () => {
    const [before, narrowed] = greeting.shift();
    if (before !== here) tell("open", here);
    else if (narrowed !== narrowings) tell("greet", here);
  };
  window.fnAll = () => {
    narrowings += 1;
    return here;
  };
  window.fnNew = () => {
    history.pushState(null, "", "#chat");
    go("chat");
    return here;
  };

  function arrive() {
    const asked = location.hash.slice(1);
    if (/^(chat([=?].*)?)?$/.test(asked)) go(asked || "chat");
  }

  function go(address) {
    here = address;
    narrowed = "";
    const link = document.querySelector("#fn-pages a");
    if (link) link.href = "#" + here;
  }

  function tell(...given) {
    hand("fn-told", ...given);
  }

  function hand(how, what, ...given) {
    messages()?.dispatchEvent(new CustomEvent(how, { bubbles: true, detail: [what, ...given] }));
  }

  function seen() {
    return isOfAnother() ? "" : messages()?.dataset.seen ?? "";
  }

  function look() {
    messages()?.dispatchEvent(new CustomEvent("fn-look", { bubbles: true, detail: [here, seen()] }));
  }

  // What the server has sent: was it asked for here, and where does it belong?
  function received() {
    const now = messages();
    if (!now || isOfAnother()) return;
    const address = now.dataset.address;
    if (now.dataset.for && address !== here) {
      const other = [here, address].every((one) => one.startsWith("chat="));
      if (onChat()) history[other ? "pushState" : "replaceState"](null, "", "#" + address);
      go(address);
      now.setAttribute("data-for", address);
    }
    align();
    const reason = judging && document.querySelector(`.fn-reason[data-n="${judging}"] input`);
    if (!reason) return;
    judging = 0;
    reason.focus();
  }

  // A new question goes to the top; there it stays, and its answer grows below it.
  function align() {
    const newest = document.querySelector("#fn-now .fn-exchange");
    const question = newest?.querySelector(".fn-asked")?.textContent;
    const key = newest ? `${newest.dataset.n} ${question}` : "";
    if (key === shown) return;
    shown = key;
    document.getElementById("fn-side").scrollTop = 0;
    const first = !document.querySelector("#fn-before .fn-exchange");
    if (!newest) return;
    const top = newest.getBoundingClientRect().top - log().getBoundingClientRect().top + log().scrollTop;
    log().scrollTop = first ? 0 : top - MARGIN;
  }

  function say(text) {
    const line = document.getElementById("fn-tell");
    line.textContent = text;
    clearTimeout(say.timer);
    say.timer = setTimeout(() => { line.textContent = ""; }, TOLD);
  }

  function asksNow(asking) {
    if (busy()) {
      say(fnSaid("Still answering. Press Stop first."));
      return;
    }
    asking();
    box()?.focus();
  }

  // Put a text into the box, after what is there already.
  function put(text) {
    const whole = [box().value, text].filter(Boolean).join("\n");
    Object.getOwnPropertyDescriptor(HTMLTextAreaElement.prototype, "value").set.call(box(), whole);
    box().dispatchEvent(new Event("input", { bubbles: true }));
  }

  window.fnTalk = { tell: hand, seen, asks: asksNow, put };

  function copied(exchange) {
    const parts = exchange.querySelectorAll(".fn-remark, .fn-text, .fn-side, .fn-quotes p");
    const words = [...parts].map((part) => {
      const text = part.cloneNode(true);
      text.querySelectorAll(".fn-draft, .sr-only").forEach((extra) => extra.remove());
      fnWritten(text);
      const items = [...text.querySelectorAll("li")];
      return (items.length ? items.map((item) => "- " + item.textContent) : [text.textContent]).join("\n");
    });
    const cited = [...exchange.querySelectorAll("a.fn-cite")].map((mark) => `${mark.textContent} ${mark.dataset.title}`);
    const sources = [...new Set(cited)].sort().join("\n");
    return [...words, sources].filter(Boolean).join("\n\n").replaceAll("\u00a0", " ");
  }

  async function copy(text) {
    if (navigator.clipboard && isSecureContext) {
      await navigator.clipboard.writeText(text);
      return;
    }
    const area = document.createElement("textarea"); // without https, from another machine
    area.value = text;
    document.body.append(area);
    area.select();
    document.execCommand("copy");
    area.remove();
  }

  const DOING = {
    again: (button, n) => asksNow(() => tell("instead", here, n, "", seen())),
    edit: fnEdit,
    reword: fnEdit,
    branch: (button, n) => tell("branch", here, n),
    copy: (button) => copy(copied(button.closest(".fn-exchange"))).then(() => { button.focus(); say(fnSaid("Copied.")); }, () => say(fnSaid("The browser does not let pages copy."))),
    good: (button, n) => tell("judge", here, n, true, ""),
    bad: (button, n) => {
      if (button.getAttribute("aria-pressed") !== "true") judging = n;
      tell("judge", here, n, false, "");
    },
  };

  document.addEventListener("click", (event) => {
    const target = event.target.closest?.("#fn-log button");
    if (target?.classList.contains("fn-ask")) asksNow(() => tell("ask", here, target.textContent));
    else if (target?.dataset.do) DOING[target.dataset.do]?.(target, +target.dataset.n);
    if (event.target.closest?.("#fn-change")) unfold();
  });

  document.addEventListener("submit", (event) => {
    const form = event.target.closest?.("form.fn-reason");
    if (form || event.target.closest?.("form.fn-edit")) event.preventDefault();
    const reason = form?.querySelector("input").value.trim();
    if (reason) tell("judge", here, +form.dataset.n, false, reason);
    else if (form) form.hidden = true;
  });

  document.addEventListener("keydown", (event) => {
    const form = event.target.closest?.("form.fn-reason");
    if (form && event.key === "Escape") {
      form.closest(".fn-below").querySelector("button[data-do=bad]").focus();
      form.hidden = true;
    }
    if (event.target !== box() || box().value || event.key !== "ArrowUp") return;
    const asked = [...document.querySelectorAll("#fn-log .fn-asked")].at(-1);
    if (!asked) return;
    event.preventDefault();
    put(asked.textContent);
  });

  // The scope follows its fields, however they are changed.
  function narrow() {
    const fields = FIELDS.map((name) => document.querySelector(`#fn-only-${name} :is(input, textarea)`)?.value ?? "");
    if (JSON.stringify(fields) === narrowed) return;
    narrowings += 1;
    tell("narrow", here, ...fields);
    narrowed = JSON.stringify(fields);
  }

  for (const kind of ["input", "click", "keyup", "focusout"]) {
    document.addEventListener(kind, (event) => {
      if (!event.target.closest?.("#fn-only")) return;
      clearTimeout(narrowing);
      narrowing = setTimeout(narrow, TYPED);
    });
  }

  function unfold() {
    const asking = document.getElementById("fn-asking");
    const open = asking.classList.toggle("fn-open-scope");
    document.getElementById("fn-change").setAttribute("aria-expanded", String(open));
    if (open) asking.querySelector("#fn-only input, #fn-only textarea")?.focus();
  }

  addEventListener("hashchange", () => {
    const before = here;
    arrive();
    if (here !== before) tell("open", here);
  });

  // Whoever comes back to this tab sees what others have done meanwhile, unless a question is being edited.
  document.addEventListener("visibilitychange", () => {
    if (document.hidden || document.querySelector(".fn-edit")) return;
    tell("greet", here);
    if (here.startsWith("chat=")) look();
  });

  // A page that was asked for earlier and comes late takes the place of ours: ours is opened again.
  setInterval(() => {
    strange = isOfAnother() ? strange + 1 : 0;
    if (strange && strange % OVERTAKEN === 0) tell("open", here);
    else if (busy() && !strange) look();
  }, LOOK);
  arrive();

  const arriving = new MutationObserver(() => {
    const now = document.getElementById("fn-now");
    if (!now || !document.querySelector("#fn-pages a")) return;
    arriving.disconnect();
    go(here);
    const line = document.createElement("p");
    line.id = "fn-tell";
    line.setAttribute("role", "status");
    document.getElementById("fn-said").before(line);
    new MutationObserver(received).observe(now, { childList: true, subtree: true, attributes: true, attributeFilter: ["data-for", "data-address", "data-seen"] });
  });
  arriving.observe(document, { childList: true, subtree: true });
})();
