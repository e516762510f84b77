"""Why a file cannot be aired as it is, each with a sentence for people."""

from __future__ import annotations

from allpoints.kernel.errors import AllpointsError


class MediaRefused(AllpointsError):
    """A file cannot be a source. ``name`` is its file name."""

    code = "media_refused"
    status = 422
    for_people = "“{name}” cannot be played. Choose another file."


class MediaMissing(MediaRefused):
    """There is no such file, or it may not be read."""

    code = "media_missing"
    status = 404
    for_people = "“{name}” is not there or may not be read. Put the file back, then restart this source."


class MediaEmpty(MediaRefused):
    """The file has no bytes."""

    code = "media_empty"
    for_people = "“{name}” is empty: 0 bytes. Copy it again, then restart this source."


class NotMedia(MediaRefused):
    """No container on the list of those that cannot lead elsewhere (playlists and scripts are never on it)."""

    code = "not_media"
    for_people = "“{name}” is no video, sound or picture file that can be played. Export it as MP4 and try again."


class MediaBroken(MediaRefused):
    """A known container, but nothing in it can be decoded."""

    code = "media_broken"
    for_people = "“{name}” is damaged or was cut off while copying. Copy or export it again."


class NothingToPlay(MediaRefused):
    """A readable file with neither picture nor sound."""

    code = "nothing_to_play"
    for_people = "“{name}” has no picture and no sound. Choose another file."


class PictureTooLarge(MediaRefused):
    """A picture that not even the converter may open."""

    code = "picture_too_large"
    for_people = "The picture of “{name}” is too large ({width}×{height}). Export it in a smaller size."


class ConvertFirst(MediaRefused):
    """Decodes slower than 1.5 × real time on this machine; ``convert`` makes a file that does not."""

    code = "convert_first"
    for_people = "“{name}” ({width}×{height}) is too heavy to play live on this machine. Convert first, then use it."


class ConversionFailed(MediaRefused):
    """The converter gave up."""

    code = "conversion_failed"
    status = 500
    for_people = "“{name}” could not be converted: {reason}. Check the free disk space, or export it as 720p MP4."


REFUSALS: dict[str, type[MediaRefused]] = {
    kind.code: kind
    for kind in (
        MediaMissing, MediaEmpty, NotMedia, MediaBroken, NothingToPlay, PictureTooLarge, ConvertFirst,
        ConversionFailed,
    )
}
"""The refusals by code: what a page looks up to say why a source is refused."""
