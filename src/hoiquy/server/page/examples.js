// Reviews to begin with, invented; a network trained on English knows hardly a word of the others.
export const EXAMPLES = [
  {
    lang: "en",
    title: "A slow start…",
    text: "The first hour is slow and the jokes are old. I was ready to leave. But then the story turns, the acting is wonderful, and the ending is one of the best I have seen.",
  },
  {
    lang: "en",
    title: "A great cast…",
    text: "A great cast and beautiful music, and still a waste of time. The plot makes no sense, the dialogue is awful, and after two hours I was only bored.",
  },
  {
    lang: "en",
    title: "Not bad at all",
    text: "Not bad at all. I did not find one boring minute in it.",
  },
  {
    lang: "vi",
    title: "Phim mở đầu hơi chậm…",
    text: "Phim mở đầu hơi chậm, lời thoại cũng bình thường. Nhưng diễn viên tuyệt vời, hình ảnh đẹp, và cái kết làm tôi rất thích.",
  },
];
