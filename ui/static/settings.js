// Light or dark, whatever the system has: the page comes with the word, and Gradio's own choice, made from the
// system's, gives way to it.
(() => {
  let wanted = window.gradio_config?.fn_theme ?? "auto";
  const system = matchMedia("(prefers-color-scheme: dark)");

  function dress() {
    const dark = wanted === "dark" || (wanted === "auto" && system.matches);
    if (document.body.classList.contains("dark") !== dark) document.body.classList.toggle("dark", dark);
    document.documentElement.style.colorScheme = dark ? "dark" : "light";
  }

  window.fnTheme = (theme) => {
    wanted = theme;
    dress();
  };
  new MutationObserver(dress).observe(document.body, { attributes: true, attributeFilter: ["class"] });
  system.addEventListener("change", dress);
  dress();
})();
