"""HTML replies as clients make them, in a language that no table knows, so that only their tags tell: (cue, client, HTML)."""
# ruff: noqa: E501 - lines as they come

WROTE = "Support kirjutas eile"
BLOCK = "<b>Saatja:</b> Support<br><b>Saadetud:</b> eile<br><b>Teema:</b> printer"
THEIRS = "<div>their words</div><div>and more</div>"

QUOTED: tuple[tuple[str, str, str], ...] = (
    (
        "gmail_quote",
        "Gmail, before 2018",
        f'<div dir="ltr">It works.</div><div class="gmail_extra"><br><div class="gmail_quote">{WROTE}<br>{THEIRS}</div></div>',
    ),
    (
        "gmail_attr",
        "Gmail",
        f'<div dir="ltr">It works.</div><br><div><div dir="ltr" class="gmail_attr">{WROTE}<br></div><blockquote class="gmail_quote" style="margin:0px 0px 0px 0.8ex;border-left:1px solid rgb(204,204,204);padding-left:1ex">{THEIRS}</blockquote></div>',
    ),
    (
        "gmail_attr",
        "Gmail, forwarded",
        f'<div dir="ltr">It works.<br><br><div><div dir="ltr" class="gmail_attr">---------- Edastatud kiri ---------<br>{BLOCK}<br></div><br><br>{THEIRS}</div></div>',
    ),
    (
        "divRplyFwdMsg",
        "Outlook, web",
        f'<div class="elementToProof">It works.</div><div id="divRplyFwdMsg" dir="ltr"><font face="Calibri, sans-serif">{BLOCK}</font><div>&nbsp;</div></div>{THEIRS}',
    ),
    (
        "divRplyFwdMsg",
        "Outlook, web, quoted by another",
        f'<div>It works.</div><div id="x_x_divRplyFwdMsg" dir="ltr">{BLOCK}</div>{THEIRS}',
    ),
    (
        "appendonsend",
        "Outlook, web",
        f'<div>It works.</div><div id="appendonsend"></div><div dir="ltr">{BLOCK}</div>{THEIRS}',
    ),
    (
        "reference-message",
        "Outlook, mobile",
        f'<div dir="auto">It works.</div><div id="mail-editor-reference-message-container" class="ms-outlook-mobile-reference-message"><div>{BLOCK}</div>{THEIRS}</div>',
    ),
    (
        "border-top",
        "Outlook, desktop",
        f'<div class="WordSection1"><p class="MsoNormal">It works.<o:p></o:p></p><p class="MsoNormal"><o:p>&nbsp;</o:p></p><div><div style="border:none;border-top:solid #E1E1E1 1.0pt;padding:3.0pt 0cm 0cm 0cm"><p class="MsoNormal">{BLOCK}<o:p></o:p></p></div></div>{THEIRS}</div>',
    ),
    (
        "border-top",
        "Outlook 2010",
        f"<div class=WordSection1><p class=MsoNormal>It works.</p><div style='border:none;border-top:solid #B5C4DF 1.0pt;padding:3.0pt 0in 0in 0in'><p class=MsoNormal>{BLOCK}</p></div>{THEIRS}</div>",
    ),
    (
        "tabindex",
        "Outlook 2003",
        f'<div class=Section1><p class=MsoNormal>It works.</p><div class=MsoNormal align=center><hr size=3 width="100%" align=center tabindex=-1></div><p class=MsoNormal>{BLOCK}</p>{THEIRS}</div>',
    ),
    ("stopSpelling", "Hotmail", f'<div>It works.<br><br><hr id="stopSpelling">{BLOCK}<br><br>{THEIRS}</div>'),
    (
        "border-top-color",
        "Windows Mail",
        f'<div>It works.</div><div style="padding-top: 5px; border-top-color: rgb(229, 229, 229); border-top-width: 1px; border-top-style: solid;">{BLOCK}</div>{THEIRS}',
    ),
    (
        "moz-cite-prefix",
        "Thunderbird",
        f'<p>It works.</p><div class="moz-cite-prefix">{WROTE}<br></div><blockquote type="cite" cite="mid:1@desk.example">{THEIRS}</blockquote>',
    ),
    (
        "moz-forward",
        "Thunderbird, forwarded",
        f'<p>It works.</p><div class="moz-forward-container"><br>-------- Edastatud kiri --------<table class="moz-email-headers-table"><tbody><tr><th>Teema:</th><td>printer</td></tr></tbody></table>{THEIRS}</div>',
    ),
    (
        "yahoo_quoted",
        "Yahoo",
        f'<div>It works.</div><div id="yahoo_quoted_123" class="yahoo_quoted"><div><div>{WROTE}</div>{THEIRS}</div></div>',
    ),
    (
        "yahoo_quoted",
        "Yahoo, of now",
        f'<div>It works.</div><div id="ydp1a2yahoo_quoted_7" class="ydp1a2yahoo_quoted"><div>{WROTE}</div>{THEIRS}</div>',
    ),
    (
        "protonmail_quote",
        "Proton Mail",
        f'<div>It works.</div><div class="protonmail_quote">{WROTE}<br><br><blockquote class="protonmail_quote" type="cite">{THEIRS}</blockquote></div>',
    ),
    (
        "quote",
        "GMX",
        f'<div>It works.</div><div name="quote" style="margin:10px 5px 5px 10px"><div><b>Gesendet</b> eile</div>{THEIRS}</div>',
    ),
    (
        "messageReplySection",
        "Spark",
        f'<div name="messageBodySection">It works.</div><div name="messageReplySection">{WROTE}<br>{THEIRS}</div>',
    ),
    (
        "data-marker",
        "Zimbra",
        f'<div><div>It works.</div><div data-marker="__QUOTED_TEXT__">{BLOCK}{THEIRS}</div></div>',
    ),
    ("zmail_extra", "Zoho", f'<div>It works.</div><div class="zmail_extra"><div>{WROTE}</div>{THEIRS}</div>'),
    ("reply-intro", "Roundcube", f'<p>It works.</p><p id="reply-intro">{WROTE}</p>{THEIRS}'),
)
SIGNED: tuple[tuple[str, str, str], ...] = (
    (
        "gmail_signature",
        "Gmail",
        '<div>It works.</div><div dir="ltr" class="gmail_signature" data-smartmail="gmail_signature"><div>Anna Novak<br>Customer Ltd</div></div>',
    ),
    (
        "_MailAutoSig",
        "Outlook, desktop",
        '<div class=WordSection1><p class=MsoNormal>It works.<o:p></o:p></p><p class=MsoNormal><a name="_MailAutoSig"><span lang=DE>Anna Novak<o:p></o:p></span></a></p><p class=MsoNormal>Customer Ltd<o:p></o:p></p></div>',
    ),
    (
        "Signature",
        "Outlook, web",
        '<div>It works.</div><div id="Signature"><div><p>Anna Novak</p><div>Customer Ltd</div></div></div>',
    ),
    (
        "outlook-mobile",
        "Outlook, mobile",
        '<div dir="auto">It works.</div><div id="ms-outlook-mobile-signature"><div></div>Hangi <a href="https://aka.ms/o0ukef">Outlook iOS-ile</a></div>',
    ),
    (
        "AtBeginningOfSignature",
        "Apple Mail, iPhone",
        '<div dir="auto">It works.<br id="lineBreakAtBeginningOfSignature"><div dir="ltr">Saadetud minu iPhoneist</div></div>',
    ),
    (
        "moz-signature",
        "Thunderbird",
        '<p>It works.</p><pre class="moz-signature" cols="72">Anna Novak\nCustomer Ltd</pre>',
    ),
    (
        "protonmail_sig",
        "Proton Mail",
        '<div>It works.</div><div class="protonmail_signature_block"><div class="protonmail_signature_block-user">Anna Novak</div><div class="protonmail_signature_block-proton">Saadetud</div></div>',
    ),
    (
        "messageSignatureSection",
        "Spark",
        '<div name="messageBodySection">It works.</div><div name="messageSignatureSection"><br>Anna Novak</div>',
    ),
    (
        "data-marker",
        "Zimbra",
        '<div><div>It works.</div><div data-marker="__SIG_PRE__"><div>Anna Novak</div></div></div>',
    ),
    ("io-ox-signature", "Open-Xchange", '<p>It works.</p><div class="io-ox-signature"><p>Anna Novak</p></div>'),
    (
        "composer_signature",
        "Samsung",
        '<div>It works.</div><div id="composer_signature"><div style="font-size:85%">Saadetud Galaxyst</div></div>',
    ),
)
