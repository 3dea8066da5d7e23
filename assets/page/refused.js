// What the server refuses (components/gate) is told: the renderer says nothing of a refused request.
// And what is too large is told before it is sent.
(() => {
  function tell(sentence) {
    window.headscope.set("error-toast", {
      is_open: true, children: sentence, header: "That did not work",
      class_name: "toast-corner failed", duration: null,
    });
  }

  const ask = window.fetch;
  window.fetch = async (...request) => {
    const answer = await ask(...request);
    if (answer.status === 403 || answer.status === 413) answer.clone().text().then(tell);
    return answer;
  };

  // The element around a field says how many bytes it takes.
  const most = field => +field.closest("[data-most]").dataset.most;
  const tooLarge = limit => tell("That is more than Headscope takes at once "
    + `(${(limit / 1e6).toLocaleString("en")} MB). Cut it into parts.`);

  // dcc.Upload leaves a file that is too large alone, without a word and without reading it.
  function chosen(event) {
    if (!event.target.closest("[data-most] .drop")) return;
    const files = (event.dataTransfer || event.target).files || [];
    if ([...files].some(file => file.size > most(event.target))) tooLarge(most(event.target));
  }
  document.addEventListener("change", chosen, true);
  document.addEventListener("drop", chosen, true);

  document.addEventListener("click", event => {
    const button = event.target.closest(".modal-content .btn-primary");
    const field = button && button.closest(".modal-content").querySelector("[data-most] textarea");
    if (!field || new Blob([field.value]).size <= most(field)) return;
    event.preventDefault();
    event.stopPropagation();  // heard before the page's own listeners
    tooLarge(most(field));
  }, true);
})();
