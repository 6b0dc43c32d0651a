// Tells the style sheets where the pages begin: below the head, which may wrap, and below the bar of a model
// on its way, which comes and goes. Conversation and sources are as high as what is left of the window.
(() => {
  function measure() {
    const [head, bar] = ["fn-head", "fn-fetch"].map((id) => document.getElementById(id));
    const last = bar?.offsetHeight ? bar : head;
    const top = Math.ceil(last.getBoundingClientRect().bottom + scrollY);
    if (top > 0) document.body.style.setProperty("--fn-top", `${top}px`);
  }

  const sizes = new ResizeObserver(measure);

  function watch() {
    for (const id of ["fn-head", "fn-fetch"]) {
      const part = document.getElementById(id);
      if (part) sizes.observe(part, { box: "border-box" });
    }
    measure();
  }

  const arriving = new MutationObserver(() => {
    const head = document.getElementById("fn-head");
    if (!head) return;
    arriving.disconnect();
    watch();
    new MutationObserver(measure).observe(document.body, { childList: true }); // a line above everything comes
    new MutationObserver(watch).observe(head.parentElement, { childList: true });
  });
  arriving.observe(document, { childList: true, subtree: true });
})();
