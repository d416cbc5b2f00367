const moved = (places) => (places > 0 ? ["up", "▲ " + places.toLocaleString("en")] : places < 0 ? ["down", "▼ " + (-places).toLocaleString("en")] : ["", ""])

const element = (tag, name, text) => {
  const made = document.createElement(tag)
  made.className = name
  if (text !== undefined) made.textContent = text
  return made
}

const bar = (name, share) => {
  const part = element("span", name)
  part.style.width = 100 * share + "%"
  return part
}

const row = (pick) => {
  const made = element("button", "pick")
  made.type = "button"
  made.role = "option"
  made.dataset.item = pick.item_id
  const [direction, text] = moved(pick.move)
  const move = element("span", "move " + direction, text)
  move.title = pick.move ? "Places moved against the default α" : ""
  const words = element("span", "words")
  words.append(element("div", "title", pick.title), element("div", "meta", pick.meta), element("div", "reason", pick.reason))
  words.title = pick.title
  const score = element("span", "score"), track = element("span", "track")
  track.append(bar("taste", pick.from_taste), bar("quality", pick.from_quality))
  track.title = `${pick.from_taste.toFixed(3)} from taste + ${pick.from_quality.toFixed(3)} from quality`
  score.append(track, element("span", "value", pick.score.toFixed(3)))
  made.append(element("span", "rank", pick.rank), move, words, score)
  return made
}

const places = (list) => new Map([...list.children].map((child) => [child.dataset.item, child.getBoundingClientRect().top]))

/* Slide every row that stayed from where it was to where it is now. */
const slide = (list, before) => {
  for (const child of list.children) {
    const was = before.get(child.dataset.item)
    const shift = was === undefined ? 0 : was - child.getBoundingClientRect().top
    if (shift) child.animate([{ transform: `translateY(${shift}px)` }, { transform: "none" }], { duration: 220, easing: "ease-out" })
  }
}

export default function ({ data, parentElement, setStateValue }) {
  const list = parentElement.querySelector("#list")
  const before = places(list)
  list.replaceChildren(...data.picks.map(row))
  for (const child of list.children) {
    child.ariaSelected = String(child.dataset.item === data.selected)
    child.onclick = () => setStateValue("selected", child.dataset.item)
  }
  if (!matchMedia("(prefers-reduced-motion: reduce)").matches) slide(list, before)
}
