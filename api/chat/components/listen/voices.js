// Who reads an answer aloud: the sound of the server, or a voice of the device.

/** The sound that the server has. */
export class ServerSound {
  constructor($audio, ended) {
    this.$audio = $audio;
    $audio.addEventListener("ended", ended);
  }

  play(rate) {
    this.$audio.playbackRate = rate;
    return this.$audio.play();
  }

  pause() {
    this.$audio.pause();
  }

  /** Which sentence and word sound now; null where nobody has said when they do. */
  place(sentences) {
    const now = this.$audio.currentTime * 1000;
    const sentence = sentences.findLastIndex(({ begins }) => begins.length && begins[0] <= now);
    return sentence < 0 ? null : [sentence, sentences[sentence].begins.findLastIndex((ms) => ms <= now)];
  }

  go(sentences, sentence) {
    const begins = sentences[sentence].begins;
    if (begins.length) this.$audio.currentTime = begins[0] / 1000;
  }
}

/** A voice of this device, which sends nothing anywhere. One sentence at a time: long ones stall on some devices. */
export class DeviceVoice {
  constructor(voice, sentences, ended) {
    this.voice = voice;
    this.sentences = sentences;
    this.ended = ended;
    this.now = [0, null];
  }

  static of(language) {
    return window.speechSynthesis?.getVoices().find(
      (voice) => voice.localService === true && voice.lang.toLowerCase().startsWith(language),
    );
  }

  async play(rate) {
    this.pause();
    const speech = new SpeechSynthesisUtterance(this.sentences[this.now[0]].said);
    this.speech = speech;
    speech.voice = this.voice;
    speech.lang = this.voice.lang;
    speech.rate = rate;
    speech.onend = () => {
      if (this.speech !== speech) return;
      const next = this.now[0] + 1;
      this.now = [next < this.sentences.length ? next : 0, null];
      if (next < this.sentences.length) this.play(rate);
      else this.ended();
    };
    window.speechSynthesis.speak(speech);
  }

  pause() {
    this.speech = null;
    window.speechSynthesis.cancel();
  }

  place() {
    return this.now;
  }

  go(sentences, sentence) {
    this.now = [sentence, null];
  }
}
