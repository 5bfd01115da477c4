/* SPDX-License-Identifier: Apache-2.0 */
#include "press/words.h"
#include <stddef.h>
#include <string.h>

static const struct lethe_words own[] = {
    {"band.record", "RECORD ONLY - NOT A CERTIFICATE", "仅为作业记录，不是证书"},
    {"watermark.record", "NOT A CERTIFICATE", "不是证书"},
    {"watermark.emulated", "DEMONSTRATION", "演示 非物理介质"},
    {"watermark.image", "NO PHYSICAL MEDIUM", "非物理介质"},
    {"watermark.virtual", "NO PHYSICAL MEDIUM", "非物理介质"},
    {"qr", "Scan to check", "扫码核验"},
    {"asked", "Method asked for", "要求的方法"},
    {"achieved", "Method achieved", "达到的方法"},
    {"marks", "Marks made/left", "标记写入/残留"},
    {"took", "took", "用时"},
    {"section.series", "Speed and errors while writing", "写入速度与错误"},
    {"series.pass", "pass", "遍"},
    {"series.errors", "errors at their time", "错误发生的时间"},
    {"attached", "Attached to this PDF", "本 PDF 附件"},
    {"page", "Page", "页"},
    {"continued", "continued on the next page", "下页继续"},
    {"rendition.pdf",
     "This page is for reading. Certified is what the attached file says, which can be checked "
     "without trusting this paper or whoever sent it:",
     "本页仅供阅读。经签名认证的是附件中的内容；核验该附件无需信任本纸或其寄送者："},
    {"title.lot", "Report of a lot", "批次报告"},
    {"lot.devices", "Devices", "设备数"},
    {"lot.period", "From - to", "起止时间"},
    {"lot.capacity", "Capacity together", "总容量"},
    {"lot.totals", "Totals", "合计"},
    {"lot.outcome", "Outcome", "结论"},
    {"lot.count", "Number", "数量"},
    {"lot.method", "Method", "方法"},
    {"lot.table", "Devices", "设备清单"},
    {"lot.device", "Device", "设备"},
    {"lot.ended", "Ended (UTC)", "结束时间(UTC)"},
    {"lot.id", "Certificate id", "证书编号"},
    {"lot.certificates", "Certificates", "证书"},
    {"lot.records", "Records only, NOT certificates", "仅为记录，不是证书"},
    {"lot.not-physical", "NO PHYSICAL MEDIUM", "非物理介质"},
    {"lot.all-good", "ALL PASSED", "全部通过"},
    {"lot.not-all", "NOT ALL PASSED", "未全部通过"},
    {"lot.none-good", "NONE PASSED", "无一通过"},
    {"lot.no-medium", "NO PHYSICAL MEDIUM", "非物理介质"},
    {"lot.says",
     "Each device has a signed file of its own, attached to this PDF. What counts is what those "
     "files say: the table is drawn from them.",
     "每台设备均有各自的签名文件，附于本 PDF。一切以这些文件为准：本表由其生成。"},
    {"lot.sign", "Signatures", "签名"},
};

struct lethe_words words_of(const char *key)
{
    const struct lethe_words *found = lethe_words_find(key);
    for (size_t i = 0; !found && i < sizeof(own) / sizeof(own[0]); i++)
        if (strcmp(own[i].key, key) == 0)
            found = &own[i];
    if (found)
        return *found;
    const char *dot = strrchr(key, '.');
    dot = dot ? dot + 1 : key;
    return (struct lethe_words){key, dot, dot};
}
