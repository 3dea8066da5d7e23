// Until a text is open there is nothing to measure, find or save: buttons say so.
(() => {
  const FREE = "#copy-link, #map-more, #lab-open, .to-heads";  // these only lead somewhere

  document.addEventListener("click", event => {
    const button = event.target.closest("#main .btn, #save-menu .dropdown-item");
    if (window.headscope.run || !button || button.matches(FREE)) return;
    event.preventDefault();
    event.stopPropagation();  // heard before the page's own listeners
    window.headscope.say(document.getElementById("nothing").hidden
      ? "The text is still being opened. Press again when it is there."
      : "Nothing is open yet. Choose a model and a text first.");
  }, true);
})();
