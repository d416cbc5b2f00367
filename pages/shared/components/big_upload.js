const megabytes = (bytes) => (bytes / 1e6).toLocaleString("en", { maximumFractionDigits: 1 }) + " MB"

export default function ({ data, parentElement, setStateValue }) {
  const find = (id) => parentElement.querySelector("#" + id)
  const zone = find("zone"), input = find("file"), button = find("choose")

  const say = (title, detail) => { find("title").textContent = title; find("detail").textContent = detail }

  const failed = (name, sentence) => { find("track").hidden = true; say(name, sentence); button.textContent = "Try again" }

  const send = (file) => {
    const request = new XMLHttpRequest(), start = performance.now()
    zone.request = request
    find("track").hidden = false
    button.textContent = "Cancel"
    say(file.name, "Starting")
    request.upload.onprogress = (event) => {
      const seconds = Math.max((performance.now() - start) / 1000, 0.001)
      find("bar").style.width = (100 * event.loaded) / event.total + "%"
      say(file.name, `${megabytes(event.loaded)} of ${megabytes(event.total)} · ${megabytes(event.loaded / seconds)} a second`)
    }
    request.onload = () => {
      zone.request = null
      if (request.status !== 201) return failed(file.name, JSON.parse(request.responseText).error)
      const answer = JSON.parse(request.responseText)
      button.textContent = "Choose another file"
      say(file.name, `${megabytes(answer.bytes)} arrived`)
      setStateValue("token", answer.token)
    }
    request.onerror = () => { zone.request = null; failed(file.name, "The connection broke. Send the file again.") }
    request.onabort = () => { zone.request = null; failed(file.name, "Cancelled.") }
    request.open("PUT", data.address + encodeURIComponent(file.name))
    request.send(file)
  }

  button.onclick = () => (zone.request ? zone.request.abort() : input.click())
  input.onchange = () => { if (input.files.length) send(input.files[0]); input.value = "" }
  zone.ondragover = (event) => { event.preventDefault(); zone.classList.add("over") }
  zone.ondragleave = () => zone.classList.remove("over")
  zone.ondrop = (event) => {
    event.preventDefault()
    zone.classList.remove("over")
    if (event.dataTransfer.files.length && !zone.request) send(event.dataTransfer.files[0])
  }
}
