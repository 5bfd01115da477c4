/* SPDX-License-Identifier: Apache-2.0 */
/* com.apple.mobile.MCInstall: what manages the phone, and EraseDevice (from iOS 11 on). */
#include "emu/phone/iphone_stream.h"
#include <string.h>

static json_t *status(const char *word)
{
    return json_pack("{s:s}", "Status", word);
}

static json_t *cloud_configuration(const struct phone *phone)
{
    json_t *reply = status("Acknowledged");
    bool mdm = phone_state_is(phone, "mdm");
    bool assigned = phone_state_is(phone, "assigned");
    bool supervised = phone_state_is(phone, "supervised") || assigned;
    json_t *configuration =
        json_pack("{s:b, s:b, s:b, s:i, s:b}", "AllowPairing", 1, "CloudConfigurationUIComplete",
                  !iphone_in_setup(phone), "IsSupervised", supervised, "ConfigurationSource",
                  mdm || assigned ? 1
                  : supervised    ? 2
                                  : 0,
                  "PostSetupProfileWasInstalled", !iphone_in_setup(phone));
    if (mdm)
        json_object_set_new(configuration, "IsMDMUnremovable", json_true());
    if (assigned && !phone_trait_is(phone, "hides_server")) {
        json_object_set_new(configuration, "IsMDMUnremovable", json_false());
        json_object_set_new(configuration, "ConfigurationURL",
                            json_string("https://mdm.school.example/enrol"));
    }
    if (mdm || supervised)
        json_object_set_new(configuration, "OrganizationName", json_string("Example School"));
    json_object_set_new(reply, "CloudConfiguration", configuration);
    return reply;
}

static json_t *profile_list(const struct phone *phone)
{
    json_t *reply = status("Acknowledged");
    bool any = (phone_state_is(phone, "mdm") || phone_state_is(phone, "profile")) &&
               !iphone_in_setup(phone);
    json_object_set_new(reply, "OrderedIdentifiers",
                        any ? json_pack("[s]", "example.school.mdm") : json_array());
    json_object_set_new(reply, "ProfileManifest",
                        any ? json_pack("{s:{s:b}}", "example.school.mdm", "IsActive", 1)
                            : json_object());
    json_object_set_new(
        reply, "ProfileMetadata",
        any ? json_pack("{s:{s:s}}", "example.school.mdm", "PayloadDisplayName", "Management")
            : json_object());
    return reply;
}

static json_t *chain(void)
{
    return json_pack("{s:s, s:[{s:s, s:i, s:s, s:s}]}", "Status", "Error", "ErrorChain",
                     "ErrorDomain", "MCSettingsErrorDomain", "ErrorCode", 28007,
                     "LocalizedDescription", "The device could not be erased.",
                     "USEnglishDescription", "The device could not be erased.");
}

static void erase_device(struct iphone_stream *stream, const json_t *request)
{
    if (iphone_version(stream->phone) < 11) {
        iphone_say(stream, status("CommandFormatError"));
        return;
    }
    const json_t *keep = json_object_get(request, "PreserveDataPlan");
    /* Without a word the plan is kept. */
    bool keep_esim = !keep || json_is_true(keep) || json_integer_value(keep) != 0;
    switch (iphone_erase(stream->phone, keep_esim)) {
    case IPHONE_ACKNOWLEDGES:
        iphone_say(stream, status("Acknowledged"));
        break;
    case IPHONE_REFUSES:
        iphone_say(stream, chain());
        break;
    case IPHONE_IS_SILENT:
        break;
    default:
        stream->ended = true;
    }
}

static void message(struct iphone_stream *stream, const json_t *plist)
{
    const char *type = json_string_value(json_object_get(plist, "RequestType"));
    if (!type)
        type = "";
    if (strcmp(type, "Flush") == 0)
        iphone_say(stream, status("Acknowledged"));
    else if (strcmp(type, "GetCloudConfiguration") == 0)
        iphone_say(stream, cloud_configuration(stream->phone));
    else if (strcmp(type, "GetProfileList") == 0)
        iphone_say(stream, profile_list(stream->phone));
    else if (strcmp(type, "EraseDevice") == 0)
        erase_device(stream, plist);
    else
        iphone_say(stream, status("CommandFormatError"));
}

const struct iphone_service iphone_mcinstall = {
    .name = "com.apple.mobile.MCInstall", .tls = true, .message = message};
