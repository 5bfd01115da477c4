/* SPDX-License-Identifier: Apache-2.0 */
/* The page's own style sheet: A4, black on white, nothing loaded from anywhere. */
#ifndef LETHE_ISSUE_HTML_STYLE_H
#define LETHE_ISSUE_HTML_STYLE_H

#define LETHE_HTML_STYLE                                                                           \
    "@page{size:A4;margin:8mm 12mm}\n"                                                             \
    "*{box-sizing:border-box}\n"                                                                   \
    "body{font:8.8pt/1.27 'Noto Sans','Liberation Sans',Arial,'Noto Sans CJK SC',"                 \
    "'Microsoft YaHei','PingFang SC','WenQuanYi Micro Hei',sans-serif;color:#000;background:#fff;" \
    "max-width:186mm;margin:8mm auto}\n"                                                           \
    ".both{font-size:8pt}\n"                                                                       \
    ".both small,.both code{font-size:7.5pt}\n"                                                    \
    "h1{font-size:17pt;margin:0}\n"                                                                \
    ".issuer{margin:0 0 3mm;font-size:10.5pt}\n"                                                   \
    ".two{display:grid;grid-template-columns:1fr 1fr;gap:0 6mm;align-items:start}\n"               \
    ".two th{width:31mm}\n"                                                                        \
    ".says span,.long span{display:block}\n"                                                       \
    "h2{font-size:10.5pt;margin:2.5mm 0 .8mm;border-bottom:1px solid #000}\n"                      \
    "p{margin:1mm 0}\n"                                                                            \
    "ul{margin:1mm 0;padding-left:5mm}\n"                                                          \
    "table{border-collapse:collapse;width:100%}\n"                                                 \
    "th,td{text-align:left;vertical-align:top;padding:.25mm 1mm;overflow-wrap:anywhere}\n"         \
    "th{width:46mm;font-weight:normal;color:#333}\n"                                               \
    "code{font:8.5pt 'Noto Sans Mono','Liberation Mono',monospace;overflow-wrap:anywhere}\n"       \
    "small{font-size:8.5pt}\n"                                                                     \
    ".outcome{display:flex;align-items:center;gap:6mm;padding:3mm 6mm}\n"                          \
    ".good{border:2.5mm double #000}\n"                                                            \
    ".some{border:1.2mm dashed #000}\n"                                                            \
    ".bad{border:3mm dotted #000;outline:.6mm solid #000;outline-offset:1mm;margin:2mm 1.6mm}\n"   \
    ".sign{flex:0 0 15mm}\n"                                                                       \
    ".sign svg{display:block;width:15mm;height:15mm}\n"                                            \
    ".line{fill:none;stroke:#000;stroke-width:7;stroke-linecap:round;stroke-linejoin:round}\n"     \
    ".thin{fill:none;stroke:#000;stroke-width:4;stroke-linejoin:round}\n"                          \
    ".word{font-size:25pt;line-height:1.1;font-weight:bold;margin:0}\n"                            \
    ".long{font-size:17pt}\n"                                                                      \
    ".less{font-size:13pt;font-weight:normal}\n"                                                   \
    ".custom th,.custom td{font-style:italic}\n"                                                   \
    ".says{font-size:11pt;margin:1.5mm 0 0}\n"                                                     \
    ".people th{width:auto}\n"                                                                     \
    ".people td,.people th{border:.3mm solid #777;height:5.2mm}\n"                                 \
    "[lang=zh]{font-family:'Noto Sans CJK SC','Microsoft YaHei','PingFang SC',"                    \
    "'WenQuanYi Micro Hei',sans-serif}\n"                                                          \
    "h2,tr,.outcome{break-inside:avoid}\n"                                                         \
    "h2{break-after:avoid}\n"                                                                      \
    "@media print{body{margin:0;max-width:none}}\n"

#endif
