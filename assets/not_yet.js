// Until a text is open there is nothing to measure, find or save: buttons say so.
(() => {
  const MEASURES = "#lab-start, #induction-start";  // what stands in their fields must be possible
  const FREE = "#copy-link, #map-more, #lab-open, .to-heads";  // these only lead somewhere

  document.addEventListener("click", event => {
    const button = event.target.closest("#main .btn, #save-menu .dropdown-item");
    const wrong = button && button.matches(MEASURES) && button.closest(".panel").querySelector("input:invalid");
    if (wrong) {
      event.preventDefault();
      event.stopPropagation();
      const label = document.querySelector(`label[for="${wrong.id}"]`), {min, max} = wrong;
      window.headscope.say(`“${label ? label.textContent : wrong.id}” must be a whole number from ${min} to ${max}.`);
      return;
    }
    if (window.headscope.run || !button || button.matches(FREE)) return;
    event.preventDefault();
    event.stopPropagation();  // heard before the page's own listeners
    window.headscope.say(document.getElementById("nothing").hidden
      ? "The text is still being opened. Press again when it is there."
      : "Nothing is open yet. Choose a model and a text first.");
  }, true);
})();
