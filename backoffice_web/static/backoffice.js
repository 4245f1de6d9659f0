// The slider goes to its version when it is let go; without this script there is a button.
for (const form of document.querySelectorAll("[data-slider]")) {
  const slider = form.querySelector("input[type=range]");
  slider.addEventListener("change", () => form.requestSubmit());
}
