// Sets the theme that the reader chose before anything is painted; a file of its own since inline scripts are refused.
(() => {
  let chosen = null;
  try {
    chosen = localStorage.getItem("berth.theme");
  } catch (error) {
    console.info("Settings cannot be kept in this browser.", error);
  }
  if (chosen === "light" || chosen === "dark") document.documentElement.dataset.theme = chosen;
})();
