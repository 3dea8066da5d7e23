// What all scripts share: `window.headscope` with the few words that they use again and again.
// Loaded first (components/page/scripts.py).
(() => {
  const dash = () => window.dash_clientside;

  window.headscope = {
    run: null,
    byId: id => document.getElementById(id),
    set: (id, props) => dash().set_props(id, props),
    skip: () => dash().no_update,
    trigger: () => dash().callback_context.triggered_id,

    // Functions that answer to Dash's client-side callbacks, by their names.
    callbacks(functions) {
      window.dash_clientside = Object.assign({}, dash(), {headscope: {...(dash() || {}).headscope, ...functions}});
    },
  };
})();
