// Mathematics between dollar signs or \(…\) in what papers and answers say, drawn by KaTeX. KaTeX comes from
// this server, and only when there is a formula on the page. It reads text and makes elements: no markup of
// a paper becomes markup of the page. What it cannot read stays as it was written.
(() => {
  const WHERE = ".fn-abstract, .fn-card h3, .fn-sentence, .fn-quotes, .fn-first, .fn-found b, .fn-open h2, .fn-row button, .fn-nearest summary, .fn-talk dd";
  const NEVER = ".fn-math, pre, button.fn-ask";
  const FOLDER = "katex/";
  const LONGEST = 600; // characters of a formula
  const MOST = 60; // formulas of one stretch of text
  const FORMULA = /(?<!\\)\$\$(.+?)(?<!\\)\$\$|(?<!\\)\$((?:[^$\\]|\\.)+?)\$|\\\((.+?)\\\)|\\\[(.+?)\\\]/gs;
  const OPTIONS = { throwOnError: false, trust: false, strict: "ignore", maxExpand: 200, maxSize: 20 };
  const drawn = new Map();
  let loading = null;

  // "$5 and $7" are prices. A formula has a sign of TeX in it, or stands between its dollars like a word.
  function isFormula(tex, before, after) {
    const words = tex.replace(/\\(?:text\w*|mathrm|mbox|operatorname)\s*\{[^}]*\}/g, "").replace(/\\[a-zA-Z]+/g, " \\ ");
    if (/[A-Za-z]{2,}\s+[A-Za-z]{2,}\s+[A-Za-z]{2,}/.test(words)) return false;
    if (/[\\^_]/.test(tex)) return true;
    if (/\d/.test(after) || /\w/.test(before) || /^\s|\s$/.test(tex)) return false;
    return !/[A-Za-z]{2,}\s+[A-Za-z]{2,}/.test(tex) && !/^\d[\d.,]*\s+.*[A-Za-z]{2,}/.test(tex);
  }

  // The pieces of a text: strings, and [formula, whether it stands apart, as it was written].
  function pieces(text) {
    const found = [];
    let end = 0;
    FORMULA.lastIndex = 0;
    for (let match; found.length < 2 * MOST && (match = FORMULA.exec(text)); ) {
      const single = match[2] !== undefined;
      const tex = match.slice(1).find((part) => part !== undefined);
      const after = text[FORMULA.lastIndex] ?? "";
      if (tex.length > LONGEST || (single && !isFormula(tex, text[match.index - 1] ?? "", after))) {
        FORMULA.lastIndex = match.index + (single ? 1 : 2); // its end may begin the next one
        continue;
      }
      found.push(text.slice(end, match.index), [tex, match[1] !== undefined || match[4] !== undefined, match[0]]);
      end = FORMULA.lastIndex;
    }
    return end ? [...found, text.slice(end)] : [];
  }

  function draw([tex, apart, written]) {
    if (!drawn.has(written)) {
      const place = document.createElement("span");
      place.className = "fn-math";
      place.dataset.written = written;
      katex.render(tex, place, { ...OPTIONS, displayMode: apart });
      drawn.set(written, place.querySelector(".katex-error") ? null : place);
    }
    return drawn.get(written)?.cloneNode(true);
  }

  function replace(node, parts) {
    const nodes = parts.map((part) => (typeof part === "string" ? part : draw(part) ?? part[2]));
    if (nodes.some((one) => typeof one !== "string")) node.replaceWith(...nodes.filter((one) => one !== ""));
  }

  function load() {
    const style = document.createElement("link");
    const script = document.createElement("script");
    Object.assign(style, { rel: "stylesheet", href: FOLDER + "katex.min.css" });
    script.src = FOLDER + "katex.min.js";
    script.addEventListener("load", () => typeset(document.body));
    document.head.append(style, script);
    return script;
  }

  function typeset(root) {
    const places = root.matches(WHERE) || root.closest(WHERE) ? [root] : [...root.querySelectorAll(WHERE)];
    for (const place of places) {
      if (!/[$\\]/.test(place.textContent) || place.closest(NEVER)) continue;
      const walker = document.createTreeWalker(place, NodeFilter.SHOW_TEXT);
      const texts = [];
      while (walker.nextNode()) {
        const text = walker.currentNode;
        if (/[$\\]/.test(text.data) && !text.parentElement.closest(NEVER)) texts.push([text, pieces(text.data)]);
      }
      for (const [text, parts] of texts) {
        if (!parts.length) continue;
        if (window.katex) replace(text, parts);
        else loading ??= load();
      }
    }
  }

  // The text of what is selected or copied, its formulas as they were written.
  window.fnWritten = (element) => {
    element.querySelectorAll(".fn-math").forEach((one) => one.replaceWith(one.dataset.written));
    return element;
  };

  document.addEventListener("copy", (event) => {
    const selection = getSelection();
    if (selection.isCollapsed || !event.clipboardData || /^(INPUT|TEXTAREA)$/.test(event.target.tagName)) return;
    const held = document.createElement("div");
    held.append(selection.getRangeAt(0).cloneContents());
    if (!held.querySelector(".fn-math")) return;
    event.clipboardData.setData("text/plain", fnWritten(held).textContent);
    event.preventDefault();
  });

  new MutationObserver((changes) => {
    const roots = new Set();
    for (const change of changes) {
      const root = change.target.nodeType === Node.ELEMENT_NODE ? change.target : change.target.parentElement;
      if (root?.isConnected) roots.add(root.closest(WHERE) ?? root);
    }
    roots.forEach(typeset);
  }).observe(document, { childList: true, subtree: true, characterData: true });
})();
