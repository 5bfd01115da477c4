# SPDX-License-Identifier: Apache-2.0
# Text files as a table of C: cmake -DOUT=FILE.c "-DIN=A.json;B.json" -P Embed.cmake makes
# phone_personalities[] of them, {name without suffix, text}, ended by {NULL, NULL}.
set(texts)
set(rows)
foreach(file ${IN})
    get_filename_component(name ${file} NAME_WE)
    string(MAKE_C_IDENTIFIER ${name} symbol)
    file(READ ${file} hex HEX)
    string(REGEX REPLACE "(..)" "0x\\1," bytes "${hex}")
    string(APPEND texts "static const char text_${symbol}[] = {${bytes}0};\n")
    string(APPEND rows "    {\"${name}\", text_${symbol}},\n")
endforeach()
file(WRITE ${OUT} "/* SPDX-License-Identifier: Apache-2.0 */
#include <stddef.h>
struct personality { const char *name, *text; };
extern const struct personality phone_personalities[];
${texts}const struct personality phone_personalities[] = {
${rows}    {NULL, NULL}};
")
