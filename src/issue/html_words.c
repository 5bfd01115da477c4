/* SPDX-License-Identifier: Apache-2.0 */
#include "issue/html_words.h"

#include <stddef.h>
#include <string.h>

/* Terms: NIST SP 800-88r2 in English; GB 46864-2025 ("information clearing") in Chinese. */
static const struct lethe_words words[] = {
    {"title.certificate", "Certificate of sanitisation", "信息清除证书"},
    {"title.no-medium", "Erasure of NO PHYSICAL MEDIUM", "非物理介质的清除报告"},
    {"title.record", "Record of a job: NOT a certificate", "作业记录：不是证书"},
    {"banner.emulated", "DEMONSTRATION / NO PHYSICAL MEDIUM", "演示／非物理介质"},
    {"banner.virtual", "NO PHYSICAL MEDIUM", "非物理介质"},
    {"banner.image", "NO PHYSICAL MEDIUM", "非物理介质"},
    {"outcome.passed", "PASSED", "通过"},
    {"outcome.passed-with-exceptions", "PASSED WITH EXCEPTIONS", "通过，但有例外"},
    {"outcome.operator-attested", "ATTESTED ONLY", "仅操作员声明"},
    {"outcome.indeterminate", "NOT PROVEN", "无法确认"},
    {"outcome.aborted", "ABORTED", "已中止"},
    {"outcome.failed", "FAILED", "失败"},
    {"outcome.refused", "REFUSED", "已拒绝"},
    {"outcome.none", "NOT ENDED", "未结束"},
    {"says.passed", "The medium was sanitised and the result was verified.",
     "介质已完成信息清除，且结果已经核验。"},
    {"says.phone", "The device erased itself, and its own state shows it.",
     "设备已自行清除，其自身状态可证明。"},
    {"says.passed-with-exceptions",
     "The medium was sanitised and verified, except for the sectors listed under exceptions.",
     "除“例外”所列扇区外，介质已完成信息清除并经核验。"},
    {"says.no-medium", "No medium was sanitised; what was erased had none of its own.",
     "没有任何物理介质被清除；所清除的数据没有自己的物理介质。"},
    {"says.operator-attested", "A person says so; no evidence was read from the device.",
     "仅有人员声明；未从设备读取到证据。"},
    {"says.indeterminate",
     "It could not be shown that the data are gone. Treat the medium as full.",
     "无法证明数据已被清除。请视该介质仍含有数据。"},
    {"says.aborted", "Stopped before the end. NOT sanitised; it may be partly overwritten.",
     "作业提前停止。介质未完成清除，可能已被部分覆写。"},
    {"says.failed", "NOT sanitised. Treat the medium as if all data were still on it.",
     "介质未完成清除。请视全部数据仍在其上。"},
    {"says.refused", "Nothing destructive was sent to the device; its data are untouched.",
     "未向设备发送任何破坏性命令；其数据未被改动。"},
    {"says.none", "The job has no end on record.", "该作业没有结束记录。"},
    {"method", "Method achieved", "达到的清除方法"},
    {"method.none", "none", "无"},
    {"method.clear", "Clear", "清除 (Clear)"},
    {"method.purge", "Purge", "净化 (Purge)"},
    {"method.destroy", "Destroy", "销毁 (Destroy)"},
    {"technique", "Technique", "清除技术"},
    {"passes", "Passes", "遍数"},
    {"policy", "Policy", "策略"},
    {"policy.met", "met", "已满足"},
    {"policy.not-met", "NOT met", "未满足"},
    {"policy.not-demonstrable", "NOT met: not demonstrable", "未满足：无法证明"},
    {"version", "version", "版本"},
    {"section.device", "Device", "设备"},
    {"section.sanitisation", "Sanitisation", "清除"},
    {"section.verification", "Verification", "核验"},
    {"section.limits", "What this does not say", "本文件不能证明的事项"},
    {"section.record", "Record", "记录"},
    {"section.custom", "Stated by the issuer, not checked", "由签发方声明，未经核验"},
    {"section.people", "Persons", "人员"},
    {"section.check", "Check this certificate", "如何核验本证书"},
    {"manufacturer", "Manufacturer", "制造商"},
    {"model", "Model", "型号"},
    {"capacity", "Capacity", "容量"},
    {"media", "Media type", "介质类型"},
    {"media.magnetic", "magnetic", "磁介质"},
    {"media.flash", "flash", "闪存(半导体)"},
    {"media.file", "image file", "映像文件"},
    {"media.unknown", "unknown", "未知"},
    {"firmware", "Firmware", "固件"},
    {"substrate", "What was erased", "清除对象"},
    {"substrate.physical", "physical device", "物理设备"},
    {"substrate.virtual", "VIRTUAL device, no physical medium", "虚拟设备，并非物理介质"},
    {"substrate.image", "IMAGE FILE, no physical medium", "映像文件，并非物理介质"},
    {"substrate.emulated", "EMULATED device: a demonstration", "模拟设备：仅为演示"},
    {"hidden", "withheld by the holder", "持有人未披露"},
    {"id.serial", "Serial number", "序列号"},
    {"id.wwn", "WWN", "WWN"},
    {"id.eui64", "EUI-64", "EUI-64"},
    {"id.nguid", "NGUID", "NGUID"},
    {"id.udid", "UDID", "UDID"},
    {"id.imei", "IMEI", "IMEI"},
    {"id.cid", "CID", "CID"},
    {"id.bridge-serial", "Serial of the USB bridge", "USB 桥接器序列号"},
    {"id.asset-tag", "Asset tag", "资产编号"},
    {"id.backing", "Stands for", "对应文件"},
    {"source.device", "read from the device", "读自设备"},
    {"source.scanned", "scanned from a label", "扫描自标签"},
    {"source.typed", "typed by a person", "人工输入"},
    {"started", "Started", "开始时间"},
    {"ended", "Ended", "结束时间"},
    {"signed", "Signed", "签发时间"},
    {"tool", "Tool", "工具"},
    {"health", "Health, it says", "自报健康状况"},
    {"condition.good", "good", "良好"},
    {"condition.worn", "worn", "已磨损"},
    {"condition.failing", "failing", "即将失效"},
    {"condition.unknown", "not told", "未告知"},
    {"hours", "h powered on", "小时通电"},
    {"followed", "then overwritten", "随后覆写"},
    {"profile", "Device profile", "设备档案"},
    {"status.tested", "technique tested on such hardware", "该技术已在此类硬件上测试"},
    {"status.reported", "technique reported to work by others", "该技术由第三方报告有效"},
    {"status.untested", "technique UNTESTED on such hardware", "该技术未在此类硬件上测试"},
    {"verify.statement", "Result", "结果"},
    {"verify.coverage", "Read back", "回读范围"},
    {"verify.mode.full", "every block", "全部数据块"},
    {"verify.mode.confidence", "random sample", "随机抽样"},
    {"verify.mode.strata", "stratified sample", "分层抽样"},
    {"verify.mode.none", "nothing", "未核验"},
    {"verify.mode.state", "by the state of the device", "依据设备自身状态"},
    {"verify.by", "Verified", "核验方式"},
    {"grade.state", "shown by its state", "设备状态可证明"},
    {"grade.attested", "attested by a person only", "仅有人员声明"},
    {"grade.none", "NOT shown", "未能证明"},
    {"grade.denied", "shown NOT to be erased", "证明未被清除"},
    {"phone.chain", "Steps", "步骤"},
    {"phone.filled", "Storage overwritten once", "用户存储覆写一遍"},
    {"phone.samples", "samples read back", "个样本已回读"},
    {"phone.differ", "differ", "个不符"},
    {"phone.encryption", "User data", "用户数据"},
    {"phone.encryption.encrypted", "encrypted", "已加密"},
    {"phone.encryption.unencrypted", "NOT encrypted", "未加密"},
    {"phone.encryption.unknown", "whether encrypted is unknown", "是否加密未知"},
    {"phone.esim", "eSIM", "eSIM"},
    {"phone.esim.erase-asked", "erasure asked for", "已要求清除"},
    {"phone.esim.not-asked", "up to the device", "由设备决定"},
    {"phone.esim.kept", "KEPT on purpose", "按要求保留"},
    {"phone.locks", "Locks", "锁定状态"},
    {"phone.locks.on", "ON", "开启"},
    {"phone.locks.unknown", "not checked", "未检查"},
    {"phone.locks.none", "none", "无"},
    {"phone.for-destruction", "FOR DESTRUCTION OR RECYCLING", "仅供销毁或回收"},
    {"phone.attested", "A person says", "人员声明"},
    {"verify.canaries", "Marks written / left", "标记：写入 / 残留"},
    {"verify.blocks", "blocks", "块"},
    {"exceptions", "Exceptions", "例外"},
    {"exceptions.none", "none", "无"},
    {"exceptions.sectors", "sectors could not be sanitised", "个扇区未能清除"},
    {"interruptions", "Interruptions", "中断次数"},
    {"reasons", "Why not better", "未获更佳结论的原因"},
    {"limits.none", "No limitation was recorded.", "没有记录限制事项。"},
    {"limits.original", "", "(以下为签发时的原文)"},
    {"limits.virtual",
     "Nothing physical was sanitised: the file or device underneath may keep copies.",
     "没有清除任何物理介质：其底层文件或设备可能仍保留副本。"},
    {"limits.unread", "The policy was written without reading its standard in full.",
     "该策略制定时未能通读其标准全文。"},
    {"limits.untested", "The technique is less tested than the policy asks for; this was accepted.",
     "该技术的测试程度低于策略要求；此情况已被接受。"},
    {"limits.flash", "Spare and over-provisioned flash cannot be read back from outside.",
     "闪存的备用与预留区域无法从外部回读。"},
    {"limits.phone", "", "手机的原始存储介质无法读取；依据设备状态核验。"},
    {"operator", "Sanitised by", "清除人员"},
    {"customer", "Customer", "客户"},
    {"asset_tag", "Asset tag", "资产编号"},
    {"lot", "Lot", "批次"},
    {"person.sanitised", "Sanitised by", "清除人"},
    {"person.verified", "Verified by", "核验人"},
    {"person.validated", "Validated by", "确认人"},
    {"person.name", "Name and title", "姓名与职务"},
    {"person.date", "Date, place", "日期、地点"},
    {"person.contact", "Contact", "联系方式"},
    {"person.signature", "Signature", "签名"},
    {"issuer", "Issued by", "签发方"},
    {"id", "Certificate id", "证书编号"},
    {"job", "Job", "作业"},
    {"digest", "SHA-256 of the signed part", "签名部分的 SHA-256"},
    {"rendition",
     "This page is a rendition for reading. Only the SD-JWT file it was made from is signed. "
     "Believe that file, not this paper:",
     "本页仅供阅读。真正经过签名的是其来源 SD-JWT 文件。请以该文件为准，而非本纸："},
    {"retention", "Keep at least (years)", "至少保存(年)"},
};

const struct lethe_words *lethe_words_find(const char *key)
{
    for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++)
        if (strcmp(words[i].key, key) == 0)
            return &words[i];
    return NULL;
}

const char *lethe_state_zh(const json_t *verification)
{
    const json_t *looks = json_object_get(verification, "state");
    const json_t *look;
    bool shown = json_array_size(looks) > 0, attested = shown;
    size_t i;
    json_array_foreach(looks, i, look)
    {
        const char *grade = json_string_value(json_object_get(look, "grade"));
        shown = shown && strcmp(grade, "state") == 0;
        attested = attested && (strcmp(grade, "state") == 0 || strcmp(grade, "attested") == 0);
    }
    return shown      ? "设备自身状态表明数据已清除（原始介质无法回读）。"
           : attested ? "仅有人员声明，设备自身状态不足以证明。"
                      : "设备自身状态未能证明数据已清除。";
}

bool lethe_lock_matters(const char *lock, const char *family)
{
    static const char *const apple[] = {"find-my", "activation-lock"}, *const android[] = {
                                                                           "frp", "accounts",
                                                                           "no-factory-reset"};
    for (size_t i = 0; i < sizeof(apple) / sizeof(apple[0]); i++)
        if (strcmp(lock, apple[i]) == 0)
            return strcmp(family, "android") != 0;
    for (size_t i = 0; i < sizeof(android) / sizeof(android[0]); i++)
        if (strcmp(lock, android[i]) == 0)
            return strcmp(family, "ios") != 0;
    return strcmp(lock, "passcode") != 0;
}
