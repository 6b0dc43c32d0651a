// A citation leads to the sentence it rests on, and shows it when pointed at. Everything hangs on the
// document, so that messages may come and go.
(() => {
  const FLASH = "fn-flash";
  const POINTED = "fn-pointed";
  const LEAVE = 160; // milliseconds to go from a citation into what it shows
  const GAP = 8;
  let pointed = null;
  let leaving = 0;

  // The sentence that a citation rests on; none for none.
  function resting(mark) {
    return mark && document.getElementById(mark.getAttribute("href").slice(1));
  }

  function isVisible(target) {
    const box = target.getBoundingClientRect();
    const side = document.getElementById("fn-side").getBoundingClientRect();
    return box.top >= Math.max(side.top, 0) && box.bottom <= Math.min(side.bottom, innerHeight);
  }

  function show(target) {
    for (let box = target.closest("details"); box; box = box.parentElement.closest("details")) box.open = true;
    document.querySelectorAll("." + FLASH).forEach((old) => old.classList.remove(FLASH));
    if (!isVisible(target)) {
      const still = matchMedia("(prefers-reduced-motion: reduce)").matches;
      target.scrollIntoView({ behavior: still ? "auto" : "smooth", block: "center" });
    }
    target.focus({ preventScroll: true });
    target.classList.add(FLASH);
    target.closest(".fn-card")?.classList.add(FLASH);
  }

  document.addEventListener("click", (event) => {
    const mark = event.target.closest?.("a.fn-cite");
    if (!mark) return;
    event.preventDefault();
    hide();
    const target = resting(mark);
    if (target) show(target);
  });

  // The supporting sentence beside the citation that is pointed at or has the focus.
  function note() {
    let note = document.getElementById("fn-note");
    if (note) return note;
    note = document.createElement("div");
    note.id = "fn-note";
    note.setAttribute("role", "tooltip");
    note.hidden = true;
    note.append(document.createElement("b"), document.createElement("p"), document.createElement("span"));
    note.addEventListener("mouseenter", () => clearTimeout(leaving));
    note.addEventListener("mouseleave", leave);
    document.body.append(note);
    return note;
  }

  const MARKS = {
    checked: fnSaid("Written by the model, checked against this sentence"),
    quoted: fnSaid("Quoted word for word"),
    partly: fnSaid("Partly supported by this sentence"),
  };

  function support(mark) {
    clearTimeout(leaving);
    if (pointed === mark) return;
    hide();
    pointed = mark;
    resting(mark)?.classList.add(POINTED);
    const box = note();
    box.children[0].textContent = `${mark.textContent} ${mark.dataset.title}`;
    box.children[1].textContent = mark.dataset.support;
    box.children[2].textContent = MARKS[mark.dataset.kind] ?? "";
    box.hidden = false;
    mark.setAttribute("aria-describedby", "fn-note");
    const at = mark.getBoundingClientRect();
    const left = Math.min(Math.max(GAP, at.left - 24), innerWidth - box.offsetWidth - GAP);
    const above = at.top - box.offsetHeight - GAP;
    box.style.left = left + "px";
    box.style.top = (above >= GAP ? above : at.bottom + GAP) + "px";
  }

  function hide() {
    clearTimeout(leaving);
    pointed?.removeAttribute("aria-describedby");
    resting(pointed)?.classList.remove(POINTED);
    pointed = null;
    note().hidden = true;
  }

  function leave() {
    clearTimeout(leaving);
    leaving = setTimeout(hide, LEAVE);
  }

  const cite = (event) => event.target.closest?.("a.fn-cite");
  document.addEventListener("mouseover", (event) => { const mark = cite(event); if (mark) support(mark); });
  document.addEventListener("mouseout", (event) => { if (cite(event)) leave(); });
  document.addEventListener("focusin", (event) => { const mark = cite(event); if (mark?.matches(":focus-visible")) support(mark); });
  document.addEventListener("focusout", (event) => { if (cite(event)) leave(); });
  document.addEventListener("keydown", (event) => { if (event.key === "Escape" && pointed) hide(); });
  document.addEventListener("scroll", () => { if (pointed) hide(); }, { capture: true, passive: true });
})();
