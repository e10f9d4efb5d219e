// latchkey.js -- two comforts; every page works without it
"use strict";

for (const form of document.querySelectorAll("form")) {
  addReveal(form);
  sendOnce(form);
}

// One button that shows or hides all passwords of the form.
function addReveal(form) {
  const fields = form.querySelectorAll("input[type=password]");
  if (fields.length === 0) return;
  const button = document.createElement("button");
  button.type = "button";
  button.className = "reveal";
  let shown;
  const show = (now) => {
    shown = now;
    button.textContent = now ? "Hide password" : "Show password";
    for (const field of fields) field.type = now ? "text" : "password";
  };
  show(false);
  button.addEventListener("click", () => show(!shown));
  // A browser may remember what was typed into a text field.
  form.addEventListener("submit", () => show(false));
  fields[fields.length - 1].after(button);
}

function sendOnce(form) {
  let sent = false;
  form.addEventListener("submit", (event) => {
    if (sent) event.preventDefault();
    sent = true;
  });
  // Back from the next page, the form may be sent again.
  window.addEventListener("pageshow", () => { sent = false; });
}
