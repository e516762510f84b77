"""The words that the player's script needs, said by the server in the reader's language."""

from __future__ import annotations

from allpoints.kernel.text.translations import Language


def player_words(language: Language) -> dict[str, str]:
    """Fields in braces are filled in by the script."""
    _ = language.words.gettext
    return {
        "play": _("Play"),
        "pause": _("Pause"),
        "mute": _("Sound off"),
        "unmute": _("Sound on"),
        "full": _("Full screen"),
        "leave_full": _("Leave full screen"),
        "live": _("LIVE"),
        "to_live": _("Jump to live"),
        "behind": _("{seconds} s behind"),
        "auto": _("Auto"),
        "auto_at": _("Auto ({level})"),
        "small": _("Small picture, little data"),
        "audio": _("Audio only"),
        "audio_least": _("Audio only, least data"),
        "off_air": _("We are off air at the moment"),
        "interrupted": _("The picture has stopped for a moment"),
        "comes_back": _("It comes back here by itself. You need not reload."),
        "cannot": _("This browser cannot play the stream. Open the page in another browser."),
        "stale": _("The last new picture came {seconds} s ago."),
        "megabytes": _("{amount} MB"),
    }
