// Before anything is drawn: what only scripts can use takes its room now, so that nothing moves when they are ready.
document.documentElement.classList.add("scripted");

// What the theme's own scripts expect to find: the site's address, a hash of texts, and what this browser keeps.
var __md_scope = new URL(document.currentScript.dataset.scope, location.href);
if (!__md_scope.pathname.endsWith("/")) __md_scope.pathname += "/";

var __md_hash = (text) => [...text].reduce((hash, character) => (hash << 5) - hash + character.charCodeAt(0), 0);

var __md_get = (key, storage = localStorage, scope = __md_scope) => JSON.parse(storage.getItem(`${scope.pathname}.${key}`));

var __md_set = (key, value, storage = localStorage, scope = __md_scope) => {
  try {
    storage.setItem(`${scope.pathname}.${key}`, JSON.stringify(value));
  } catch {
    // A browser that keeps nothing forgets the choice; the page works all the same.
  }
};
