// Which head is shown where nobody has chosen one (components/grid/first_head.py). An address that
// says more than a model, its part and a text is a choice, and so is whatever is done in the page's main part.
(() => {
  const {byId, set, skip} = window.headscope;
  const PLAIN = ["model", "text", "part"];
  // What may be touched without having looked for something else.
  const FREE = "#model-select, #text-select, #part-select, #theme-toggle, #guide-open, #first-note, .modal, .offcanvas, .toast, .hint, .popover";
  const QUIET = ["Tab", "Shift", "Control", "Alt", "Meta", "Escape"];

  let free = [...new URLSearchParams(location.search).keys()].every(name => PLAIN.includes(name));

  function tell(why) {
    if (!byId("first-note")) return;  // scripts on a page without stages
    byId("first-why").textContent = why;
    byId("first-note").hidden = !why;
  }

  function show({layer, head, token}) {
    if (!window.headscope.isStored(window.headscope.run, layer)) return;
    window.headscope.openHead(layer, head);
    set("selection", {data: token == null ? null : {role: "query", token}});
  }

  function chosen(event) {
    if (!free || !event.target.closest || event.target.closest(FREE) || QUIET.includes(event.key)) return;
    free = false;
    tell("");
  }
  for (const kind of ["pointerdown", "keydown", "change"]) document.addEventListener(kind, chosen, true);

  document.addEventListener("click", event => event.target.closest("#first-close") && tell(""));

  // Before anything is open: what is known of this view. Its head is taken like one of an address.
  function begin({model, text}, known) {
    const view = free && (known || []).find(each => each.model === model && each.text === text);
    if (view) show(view);
  }

  window.headscope.firstHead = {begin, tell};

  window.headscope.callbacks({
    firstAsk(scores, run) {
      return free && scores && run && scores.run === run.key ? {run: run.key} : skip();
    },

    firstTake(found) {
      const {run} = window.headscope;
      if (!free || !found || !run || found.run !== run.key) return;
      const here = ["layer", "head"].every(what => +byId(`${what}-select`).value === found[what]);
      if (!here) show(found);
      tell(found.why);
    },
  });
})();
