// An archive that is open says when something new happened at its outlet; it is never exchanged under whoever reads.
const news = document.querySelector("[data-news]");
let waiting = 0;

async function look() {
  waiting = 0;
  if (document.hidden || !news.hidden) return;
  try {
    const answer = await fetch(news.dataset.news, { headers: { accept: "application/json" }, cache: "no-store" });
    if (answer.ok && !answer.redirected) news.hidden = (await answer.json()).entries === 0;
  } catch {
    // No network: the next change asks again.
  }
}

document.addEventListener("saojie:changed", (event) => {
  if (news && !waiting && ["territory", "pool"].some((topic) => event.detail.has(topic))) waiting = setTimeout(look, 1000);
});
