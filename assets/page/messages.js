// A message is there until it is closed, the same thing works, another stage is shown or another
// text is asked for: it doesn't go by itself. And what is wrong in a dialog is said in the dialog.
(() => {
  const {byId, set} = window.headscope;
  const SMALL = 10_000;  // bytes; whatever tells of a failure is no longer
  const failed = new Map();  // what the message that is shown is of: outputs of callbacks, and which request
  let requests = 0;

  const shown = () => !!document.querySelector("#error-toast.show");

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
    return toast ? {failed: toast.is_open} : {done: "response" in told};
  }

  const ask = window.fetch;
  window.fetch = async (...request) => {
    const turn = ++requests, answer = await ask(...request);
    const asked = String((request[1] || {}).body || "").match(/"output":"([^"]+)"/);
    if (asked) read(answer).then(told => {
      if (told.failed && !shown()) failed.clear();
      if (told.failed) failed.set(asked[1], turn);
      else if (told.done && failed.get(asked[1]) < turn && shown()) close();  // not what was asked before
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
