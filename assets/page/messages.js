// A message is there until it is closed, the same thing works, another stage is shown or another
// text is asked for: it doesn't go by itself. And what is wrong in a dialog is said in the dialog.
(() => {
  const {byId, set} = window.headscope;
  const SMALL = 10_000;  // bytes; whatever tells of a failure is no longer
  const failed = new Map();  // by the outputs of callbacks that failed: which request that was, and what was told
  let requests = 0;

  // Whether this is what one reads: another failure may have taken its place, or somebody closed it.
  const shows = sentence => document.querySelector("#error-toast.show .toast-body")?.textContent === sentence;

  function close() {
    failed.clear();
    set("error-toast", {is_open: false});
  }

  // Whether an answer tells of a failure, of something done, or of neither (a job that goes on).
  async function read(answer) {
    if (answer.status !== 200) return {};
    if (!(+answer.headers.get("Content-Length") < SMALL)) return {done: true};
    const told = await answer.clone().json().catch(() => ({}));
    const toast = (told.sideUpdate || {})["error-toast"];
    return toast ? {failed: toast.is_open, sentence: toast.children} : {done: "response" in told};
  }

  const ask = window.fetch;
  window.fetch = async (...request) => {
    const turn = ++requests, answer = await ask(...request);
    const asked = String((request[1] || {}).body || "").match(/"output":"([^"]+)"/);
    if (asked) read(answer).then(told => {
      const before = failed.get(asked[1]);
      if (told.failed) failed.set(asked[1], {turn, sentence: told.sentence});
      else if (told.done && before && before.turn < turn && shows(before.sentence)) close();  // not what was asked before
    });
    return answer;
  };

  // What is wrong with what a dialog was given: it stays open, and says so until something is typed.
  function wrong(dialog, sentence, field) {
    byId(`${dialog}-problem`).textContent = sentence;
    byId(field).focus();
  }
  document.addEventListener("input", event => {
    const said = event.target.closest(".modal-content") && event.target.closest(".modal-content").querySelector(".problem");
    if (said) said.textContent = "";
  });

  window.headscope.messages = {close, wrong};
})();
