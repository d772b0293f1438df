"""QR codes, as pictures inside a page."""


def qr_code_svg(address: str) -> str:
    """Return a QR code of an address as an SVG element: dark on light in dark pages too, since cameras expect it.

    It is read with up to 15 percent of it hidden (level M), and has the quiet zone of four modules that the standard
    asks for (ISO/IEC 18004). It contains no text of the address, only the lines of its modules.
    """
    import segno  # takes a while, and most processes never show a code

    code = segno.make(address, error="m", micro=False)
    drawn: str = code.svg_inline(border=4, dark="#000", light="#fff", omitsize=True, svgclass="code", lineclass=None)
    return drawn
