"""The invented people of the demo, where they keep a light, what they say and how they look."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from allpoints.app.demo.voices import Voice

Colour = tuple[float, float, float]
Sky = Literal["night", "dawn", "storm", "dusk", "moon", "monsoon", "day"]


@dataclass(frozen=True)
class Figure:
    """How a keeper is drawn."""

    skin: Colour
    hair: Colour
    coat: Colour
    cap: Literal["peaked", "wool", "none"]
    cap_colour: Colour = (0.08, 0.12, 0.20)
    long_hair: bool = False
    beard: bool = False
    scarf: Colour | None = None


@dataclass(frozen=True)
class Speaker:
    """One keeper with one speech. ``name`` and ``about`` are by language; ``spoken`` is the language of the speech.

    ``seconds`` is the length of the clip; ``station`` stands in the picture, in the speaker's own script.
    """

    key: str
    name: dict[str, str]
    about: dict[str, str]
    spoken: str
    station: str
    position: str
    voice: Voice
    seconds: int
    speech: tuple[str, ...]
    sky: Sky
    figure: Figure

    @property
    def clip(self) -> str:
        """The file name of the speech."""
        return f"{self.key}.mp4"


_LTR, _END = "\N{LEFT-TO-RIGHT ISOLATE}", "\N{POP DIRECTIONAL ISOLATE}"
_FAIR, _TAN, _OLIVE, _BROWN = (0.93, 0.75, 0.64), (0.83, 0.62, 0.48), (0.78, 0.58, 0.42), (0.60, 0.40, 0.27)

SPEAKERS = (
    Speaker(
        "astrid-solheim",
        {"en": "Astrid Solheim", "fa": "آسترید سولهایم", "ar": "أستريد سولهايم", "zh": "阿斯特丽德·索尔海姆"},
        {"en": "Keeper of Ytre Holmen, Norway", "fa": "نگهبان یتره هولمن، نروژ",
         "es": "Farera de Ytre Holmen, Noruega",
         "fr": "Gardienne d’Ytre Holmen, Norvège", "zh": "挪威外霍尔门灯塔守护者"},
        "en", "Ytre Holmen", "61°02′ N  4°31′ E", Voice("en+f2", 148, 44, 60), 19,
        ("Good evening, keepers of the light, wherever you are.",
         "For three days our lamps are joined into one.",
         "From the northern ice to the southern capes, every light answers.",
         "Welcome to the World Assembly of Lighthouse Keepers."),
        "night", Figure(_FAIR, (0.86, 0.68, 0.38), (0.11, 0.17, 0.29), "peaked", long_hair=True,
                        scarf=(0.72, 0.22, 0.20)),
    ),
    Speaker(
        "samira-darya",
        {"en": "Samira Darya", "fa": "سمیرا دریا", "ar": "سميرة دريا", "hi": "समीरा दरिया", "zh": "萨米拉·达里亚"},
        {"en": "Keeper of Bandar Noor, Iran", "fa": "نگهبان بندر نور، ایران",
         "ar": "حارسة بندر نور، إيران", "es": "Farera de Bandar Noor, Irán", "fr": "Gardienne de Bandar Noor, Iran"},
        "fa", "فانوس دریایی بندر نور", f"{_LTR}۲۶°۵۷′{_END} شمالی  {_LTR}۵۶°۱۶′{_END} شرقی",
        Voice("fa+f3", 140, 48, 55), 18,
        ("درود بر همهٔ نگهبانان نور.", "اینجا بندر نور است و خورشید تازه برآمده است.",
         "پدربزرگم این چراغ را چهل سال روشن نگه داشت.", "امروز نوبت ماست که پاسخ بدهیم."),
        "dawn", Figure(_OLIVE, (0.10, 0.08, 0.09), (0.16, 0.36, 0.40), "none", long_hair=True,
                       scarf=(0.86, 0.62, 0.30)),
    ),
    Speaker(
        "lucia-herrera",
        {"en": "Lucía Herrera", "es": "Lucía Herrera", "fa": "لوسیا اررا", "ar": "لوسيا إيريرا",
         "zh": "露西亚·埃雷拉"},
        {"en": "Keeper of Punta Serena, Chile", "es": "Farera de Punta Serena, Chile",
         "fa": "نگهبان پونتا سرنا، شیلی", "fr": "Gardienne de Punta Serena, Chili"},
        "es", "Faro Punta Serena", "44°11′ S  73°48′ O", Voice("es-419+f5", 145, 40, 60), 19,
        ("Buenas noches desde Punta Serena.", "Aquí el viento no descansa, y nosotros tampoco.",
         "Cuando llega la tormenta, la luz no se discute: se cuida.", "Un abrazo a todas las que velan esta noche."),
        "storm", Figure(_TAN, (0.16, 0.10, 0.08), (0.86, 0.66, 0.16), "wool", cap_colour=(0.66, 0.24, 0.20),
                        long_hair=True),
    ),
    Speaker(
        "omar-almanar",
        {"en": "Omar Al-Manar", "ar": "عمر المنار", "fa": "عمر المنار", "hi": "उमर अल-मनार", "zh": "奥马尔·马纳尔"},
        {"en": "Keeper of Ras al-Nur, Oman", "ar": "حارس منارة رأس النور، عُمان", "fa": "نگهبان رأس النور، عمان",
         "es": "Farero de Ras al-Nur, Omán", "fr": "Gardien de Ras al-Nur, Oman"},
        "ar", "منارة رأس النور", f"{_LTR}٢٢°٣٢′{_END} شمالًا  {_LTR}٥٩°٤٨′{_END} شرقًا",
        Voice("ar+m3", 135, 38, 50), 18,
        ("السَّلامُ عَلَيْكُم مِنْ رَأْسِ النُّور.", "هُنا تَلْتَقي الطُّرُقُ القَديمَةُ بِالبَحْر.",
         "نَحْرُسُ الضَّوْءَ لِمَنْ لا نَعْرِفُهُم.", "أَهْلًا بِكُم جَميعًا."),
        "dusk", Figure(_OLIVE, (0.12, 0.10, 0.10), (0.88, 0.86, 0.80), "wool", cap_colour=(0.80, 0.72, 0.58),
                       beard=True),
    ),
    Speaker(
        "lin-haisheng",
        {"en": "Lin Haisheng", "zh": "林海生", "fa": "لین هایشنگ", "ar": "لين هايشنغ"},
        {"en": "Keeper of Cheng Dao, China", "zh": "澄岛灯塔守护者，中国", "fa": "نگهبان چنگ‌دائو، چین",
         "es": "Farero de Cheng Dao, China", "fr": "Gardien de Cheng Dao, Chine"},
        "zh", "澄岛灯塔", "北纬 30°11′　东经 122°24′", Voice("cmn+m5", 150, 42, 55), 18,
        ("各位守护者，大家好。", "这里是澄岛，今晚月亮很圆。", "渔船都已经回港，灯还亮着。", "愿每一束光都有回应。"),
        "moon", Figure(_FAIR, (0.12, 0.12, 0.14), (0.20, 0.24, 0.34), "peaked", cap_colour=(0.16, 0.18, 0.26)),
    ),
    Speaker(
        "kavita-rao",
        {"en": "Kavita Rao", "hi": "कविता राव", "fa": "کاویتا رائو", "ar": "كافيتا راو", "zh": "卡维塔·拉奥"},
        {"en": "Keeper of Deepgarh, India", "hi": "दीपगढ़ प्रकाशस्तंभ की रक्षक, भारत", "fa": "نگهبان دیپ‌گره، هند",
         "es": "Farera de Deepgarh, India", "fr": "Gardienne de Deepgarh, Inde"},
        "hi", "दीपगढ़ प्रकाशस्तंभ", "१५°४१′ उ  ७३°४०′ पू", Voice("hi+f4", 145, 46, 55), 18,
        ("दीपगढ़ से आप सब को नमस्कार।", "मानसून आ गया है और समुद्र गरज रहा है।",
         "पर हमारा दीप जल रहा है।", "जहाँ भी आप हों, यह रोशनी आपकी है।"),
        "monsoon", Figure(_BROWN, (0.07, 0.06, 0.07), (0.52, 0.16, 0.32), "none", long_hair=True,
                          scarf=(0.90, 0.52, 0.18)),
    ),
    Speaker(
        "yann-kermor",
        {"en": "Yann Kermor", "fr": "Yann Kermor", "fa": "یان کرمور", "ar": "يان كيرمور", "zh": "扬·凯莫尔"},
        {"en": "Keeper of Men Glaz, France", "fr": "Gardien du phare de Men Glaz, France",
         "es": "Farero de Men Glaz, Francia", "fa": "نگهبان من گلاز، فرانسه"},
        "fr", "Phare de Men Glaz", "48°27′ N  5°03′ O", Voice("fr+m7", 145, 36, 55), 18,
        ("Bonjour à toutes et à tous, du phare de Men Glaz.", "Le jour se lève sur la mer d’Iroise.",
         "Une lampe seule ne fait qu’un point.", "Toutes ensemble, elles font une carte."),
        "day", Figure(_FAIR, (0.62, 0.60, 0.58), (0.14, 0.24, 0.42), "wool",
                      cap_colour=(0.10, 0.16, 0.28), beard=True),
    ),
)

HARBOUR_CLIP = "harbour.mp4"
HARBOUR_KEEPER = "ines-faria"
HARBOUR_SECONDS = 60
HARBOUR_VOICE = Voice("pt+f2", 145, 45, 55)
HARBOUR_SPEECH = (
    (3.0, "Aqui o porto de Cabo Claro, em direto."),
    (8.5, "O mar está calmo, e os barcos estão todos em casa."),
    (22.0, "São seis da tarde no cais, e acendemos agora a luz."),
    (36.0, "A quem nos vê de longe: boa noite, e bom vento."),
    (50.0, "Ficamos convosco, em direto, de Cabo Claro."),
)
