// A button to copy a checklist; without scripts its text can be selected.
for (const list of document.querySelectorAll(".checklist")) {
  const button = Object.assign(document.createElement("button"), { type: "button", textContent: "Copy" });
  button.addEventListener("click", () => handingOn.copy(list.querySelector("code").textContent, button, "Select it below"));
  list.querySelector("summary").after(button);
}
