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

  // The element around a field says how many bytes it takes, and what else one can do.
  const around = field => field.closest("[data-most]").dataset;
  const most = field => +around(field).most;
  const tooLarge = field => tell("That is more than Headscope takes at once "
    + `(${(most(field) / 1e6).toLocaleString("en")} MB). ${around(field).otherwise || "Cut it into parts."}`);

  // dcc.Upload leaves a file that is too large alone, without a word and without reading it; of several
  // it would send those that are not, or more than the server takes.
  function chosen(event) {
    if (!event.target.closest("[data-most] .drop")) return;
    const from = event.dataTransfer || event.target, sizes = [...(from.files || [])].map(file => file.size);
    if (sizes.reduce((sum, size) => sum + size, 0) <= most(event.target)) return;
    tooLarge(event.target);
    if (sizes.length < 2) return;
    event.preventDefault();
    event.stopPropagation();
    if (from === event.target) from.value = "";  // the same files may be chosen again
  }
  document.addEventListener("change", chosen, true);
  document.addEventListener("drop", chosen, true);

  document.addEventListener("click", event => {
    const button = event.target.closest(".modal-content .btn-primary");
    const field = button && button.closest(".modal-content").querySelector("[data-most] textarea");
    if (!field || new Blob([field.value]).size <= most(field)) return;
    event.preventDefault();
    event.stopPropagation();  // heard before the page's own listeners
    tooLarge(field);
  }, true);
})();
