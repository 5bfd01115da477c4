/* SPDX-License-Identifier: Apache-2.0 */
/* TrueType fonts, because cairo embeds just the glyphs used of those: 30 KB a page with Chinese,
 * where an OpenType/CFF collection costs 190. */
#include "press/canvas.h"
#include <fontconfig/fontconfig.h>
#include <pango/pangocairo.h>
#include <pango/pangofc-fontmap.h>

/* DejaVu, where it is, for scripts that the others lack. The system's own caches are used where
 * there are some: reading a CJK font anew takes a while. */
static const char config_text[] =
    "<?xml version=\"1.0\"?><!DOCTYPE fontconfig SYSTEM \"fonts.dtd\"><fontconfig>"
    "<dir>" LETHE_FONT_DIR "/lato</dir><dir>" LETHE_FONT_DIR "/jetbrains-mono</dir>"
    "<dir>" LETHE_FONT_DIR "/wqy</dir><dir>" LETHE_FONT_DIR
    "/dejavu</dir><cachedir>/var/cache/fontconfig</cachedir></fontconfig>";

PangoFontMap *lethe_fonts(void)
{
    FcConfig *config = FcConfigCreate();
    if (!config || !FcConfigParseAndLoadFromMemory(config, (const FcChar8 *)config_text, FcFalse) ||
        !FcConfigBuildFonts(config))
        return NULL;
    FcFontSet *set = FcConfigGetFonts(config, FcSetSystem);
    if (!set || set->nfont == 0)
        return NULL;
    PangoFontMap *map = pango_cairo_font_map_new();
    pango_fc_font_map_set_config(PANGO_FC_FONT_MAP(map), config);
    pango_cairo_font_map_set_resolution(PANGO_CAIRO_FONT_MAP(map), 72);
    return map;
}
