// Marks the papers that came since the last visit. What was seen is kept in this browser alone, as the highest number
// of a paper; no page needs this script to be read.
(() => {
  "use strict";
  const HALF_AN_HOUR = 30 * 60 * 1000; // what is opened within it is one visit
  const line = document.getElementById("since");
  if (!line) return;
  let visit;
  try {
    visit = JSON.parse(localStorage.getItem("paperwire-visit")) || {};
    if (!(Date.now() - visit.at < HALF_AN_HOUR)) visit.seen = visit.newest;
    visit.newest = Math.max(visit.newest || 0, Number(line.dataset.newest));
    visit.at = Date.now();
    localStorage.setItem("paperwire-visit", JSON.stringify(visit));
  } catch { // storage is off
    return;
  }
  if (!visit.seen) return;
  const fresh = [...document.querySelectorAll(".paper[data-n]")].filter((paper) => Number(paper.dataset.n) > visit.seen);
  for (const paper of fresh) {
    paper.classList.add("fresh");
    const word = document.createElement("span");
    word.className = "unseen";
    word.textContent = ` (${line.dataset.new})`;
    paper.querySelector("h2, h3").append(word);
  }
  line.querySelector("b").textContent = fresh.length;
  line.classList.add("known");
})();
