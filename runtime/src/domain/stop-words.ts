/** English function and question words, lower-cased, before stemming. */
export const ENGLISH_STOP_WORDS: ReadonlySet<string> = new Set(
  `a about above across after again against all almost also although always am among an and another any anyone anything are aren
  as at be because been before being below between both but by can cannot could couldn did didn do does doesn doing don done down
  during each either else etc ever every few for from further get give had hadn has hasn have haven having he her here hers herself
  him himself his how however i if in into is isn it its itself just kindly let like many may me might mightn more most much must
  mustn my myself neither no nor not of off on once one only onto or other our ours ourselves out over own please quite rather
  really say shall shan she should shouldn show so some someone something such tell than that the their theirs them themselves
  then there therefore these they this those though through thus to together too toward towards under until up upon us use used
  using very via was wasn we were weren what whatever when where whether which while who whoever whom whose why will with within
  without won would wouldn yet you your yours yourself yourselves`.split(/\s+/),
);

/**
 * Japanese particles, auxiliaries, formal nouns and the words that questions are made of, as the word segmenter cuts them.
 * Two-letter pieces of hiragana (bigrams) need no entry: they are never content by themselves.
 */
export const JAPANESE_STOP_WORDS: ReadonlySet<string> = new Set(
  `は が を に の へ と で も や か ね よ な から まで より だけ ほど など しか さえ こそ でも ても には とは では へは からは のは のが のに ので
  けど けれど けれども しかし また そして ただし なお および または
  です ます でした ました ません でしょ でしょう だろう ましょう だ だっ だった である であり であっ であった でき できる できます できた
  する します した して しない され される された されて させる いる います いた いて いない ある あります あった あって ない なかっ なかった なく
  なる なります なっ なった なって なり れる られる られ られた せる たい たく ください 下さい くれ くれる もらう もらえ いただく いただけ
  こと もの ため とき ところ よう ように ような という といった として について における に関して に対して によって による ほう 方
  これ それ あれ どれ ここ そこ あそこ どこ この その あの どの こう そう ああ どう こちら そちら どちら どなた
  ありま すか せん いい よい って えて てい しょう ですが なんで っけ どうし すべ すべき したら くらい かかり かかる わか わかり いえ 何と 言 呼 言い 呼ば ご存知 存知
  くだ さい どこか いつか だれか 何 なに なん 何か 誰 だれ いつ いくつ いくら なぜ どうして どのよう どのような どのように どんな どれくらい どのくらい どういう どうやって
  教え 教えて 教える おしえて 知りたい 知り 説明 説明して ですか ますか でしょうか ますでしょうか あと とても すべて 全て`.split(/\s+/),
);
