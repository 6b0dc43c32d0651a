// The language of the page: it comes with its word and its texts. What a script says itself is looked up by
// the English wording, as the server does.
(() => {
  const words = window.gradio_config?.fn_words ?? {};
  const language = window.gradio_config?.fn_language ?? "en";
  window.fnSaid = (text) => words[text] ?? text;
  document.documentElement.lang = language;
})();
