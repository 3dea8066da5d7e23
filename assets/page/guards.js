// Until a text is open there is nothing to measure, find or save: buttons say so. And so do numbers
// that are not possible.
(() => {
  const MEASURES = "#lab-start, #induction-start";  // what stands in their fields must be possible
  const FREE = "#copy-link, #map-more, #lab-open, .to-heads";  // these only lead somewhere

  // What a number must be; the browser knows its limits and steps, and sends no other number.
  function tell({id, min, max, step}) {
    const label = document.querySelector(`label[for="${id}"]`);
    const kind = step === "1" ? "a whole number" : "a number";
    const limits = min === "" ? "" : max ? ` from ${min} to ${max}` : ` of ${min} or more`;
    window.headscope.say(`“${label ? label.textContent : id}” must be ${kind}${limits}.`);
  }

  let told = null;  // the field that the message is of

  document.addEventListener("change", event => {
    const field = event.target;
    if (field.matches("input[type=number]:invalid")) tell(told = field);
    else if (field === told) {
      document.getElementById("copied").hidden = true;
      told = null;
    }
  });

  document.addEventListener("click", event => {
    const button = event.target.closest("#main .btn, #save-menu .dropdown-item");
    const wrong = button && button.matches(MEASURES) && button.closest(".panel").querySelector("input:invalid");
    if (wrong) {
      event.preventDefault();
      event.stopPropagation();
      tell(wrong);
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
