/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Keys of emulated phones. Made beforehand, because making one takes a second, and public: an
 * emulated phone has no secrets. Each erasure goes on to the next one.
 */
#include "base/base64.h"
#include "emu/phone/iphone_stream.h"
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <stdlib.h>
#include <string.h>

/* RSA-2048, PKCS#1, DER. */
static const char *const pool[] = {
    "MIIEogIBAAKCAQEAsfQCKmQ9K5L0FoyzeTdrHlA0oYHZWAY5UN91LPYpSb3n2RbEEmBIu9DevQPajOjUAudZ/BPc"
    "8gjZOei+nv0baR8pIaRRUO9e+oW16G+4gQSz4CT/Wdr+bUdo3xC/ZLTtsmm0OHcFz9ghoC+c1x4XrVq0geVWJCEu"
    "b/Dyj8+YUTygnLdwDq+yoyYKToKOc6RJLnT8597Lxw7RXROyzwQRqsrC99clvxknHd2GDGlRnEZgFTV4MYVmBtgM"
    "aqxZwTtE6x79qrrt0n4AgJv4RRGQp/nVBfYiTAnIZqRgzYF31GeN7ngiPrJrkvdtSiUhwN/vsrgEozADkgrpsa8f"
    "M2AW1wIDAQABAoIBAD9Qb3LQvljiDLl3LyX6O0EKTWeHUSK5+CuXjdPE85S6niKFsJZPLqGwY4eBtwE6l7A+yyve"
    "j1aIIm2xqxzbNiT1Qsem9I2k1TiyWTINiepRl4Qw9a9tNOgBp8Tx6v70RrwbUtViN62nGvOo7Rc2rDrwElhDFh59"
    "tc17P3o+ZNXF8BEDxF7CkGcgz3TyHf6k9lbKl40r0mykCqo9ii+3PtI9o5fWlQm/0FV46HmOUB0qQ+m6e52eSahn"
    "mFtvVeitWrmj7TrOajR2uzwm9ubFloLak0oS5muRnMxz4Hya7XHAs8CfHuKcD/DgieZslBQK4u2m6caFDlxAxKce"
    "PW0RqsECgYEA+qA1Z25nY/DZPqZn8tLctddWsrocRSALADjWGhxBoj3GmDAOgxO7YIKkCe/X2aaQOxGbAiduVliq"
    "BTJDxDhQ9E/BOvLRQOhveP6l09CYt87xhCdQbJ1HH2RwO/9Gd+JNEKlprS5cyXPzLXwghhZIjSNkI0OeLTBDmaq8"
    "FkkhfZcCgYEAtcTeaq8ETtTkX95jYGe01EyvA9ssMlcr4CK3wPdLwM/69pCq92PHuJgamKg1/wcXpxNPTpBRpDpd"
    "xyiDtYspvxT43bwgiWpYfIITF9ZvzB+4Ez/GfiE/bl09FjQxN5F3PSTg91pmCmkCTCU6nPdOgIVT4Cv/jPlJIiXN"
    "GjE/2MECgYAhRzCQIUq9LHfMJ9BZn8IKqyMp7ChgzVZomyNiqCnW3xkFkCv9H5ubvv0FDMG+dq1kCnxols/By1gY"
    "BIqW/VtSdVyU9TTvx201xapDK8l7bpEHGSlGosOU2YNFlCnJNVVCRxxvEF7lqO27NmYjJ8ZOZ0qenBXeri/rsY3z"
    "75Xw1QKBgBZVHc6Vuj3FQlnVBPivRTRgR5B9uSxmMWnUWidHOvNxmi/5Dkhe5gb0CTCAWkH/KRTJ9pB8gstesG7r"
    "t2LyuipT9U+o8YZwnnaNtLLVEd9OdltHFqgghZ6Vrg+wUeu136SPh2RcovTcef/JAy6N5AM+XlPIlBlJ94ZOhqiV"
    "LHcBAoGAGzfXkFq83ctNtte///UR8j4DXBOJ3Y9KUEuBWv8UEskVIewKSH7+ZfbdpulRYxD9jijc7ZthE0fjXlZ3"
    "5DVTiNtfve4ID5czBKfkwsztBh9gVc5nShvFILK+NtPvj2xbrH4VD8BsailFyEsTtavC3qfw2V0EdBzmLStpTdPv"
    "xIs=",
    "MIIEowIBAAKCAQEAvlvlCpd3gFX3D+ypFwQCmtIfjh/ROnPqogISTrgF79owo8B6TQme1zh7+uaSZYv7BbI2F6Xm"
    "/cSYQ4FkHC0e8ZSMPVdag4ZlM/E4RmI2aX/lWbl8vAqHJ9vuOk4S4Yp/qrUnZNkaxlhEwz/YmPxLN/ihI5oc9cTp"
    "sQNqpDmFU5Jcr32HjTdeXTX9ufW2kilRo/UH3B50z1yCJk8KiAcVvedbMaeL2/QTBEKWNtu2HfhIrKKTGDmrlWr4"
    "l2d3ThdwaGySKgAmaAsXvFM5KiuK702GyU5nbO8h55fnGMseQ2KKevB7imeVytZv/8joL4fdW+0prml23AV/QTiy"
    "If84DQIDAQABAoIBAA9BFm7dmewtF14NkTRAtEO7VF+DgbT9Ln96ioSH3yPsGGs65KIRRAsLofXGbdNY3w4DDK4i"
    "84qA61G3h/HxFLJ3vLA6tIxnI+uAaEnNm34jS1oAEPSRpGiHiYTfFkjAHEBuAWDlu+1KjAIYdu81goKS+Di95BW2"
    "yKJQe4Z6/InohEXLZoVmXQOQYjJ/1+EEa5cf1SmBlm/292aeyZJ9hoJhhyGxO4Vbwp1krlDeVVg3/uPGrPzIb+97"
    "JShV2EA6V8ybpa7XSss8PBoOEObfS213CSAWoCWA7v8uDoIi+4T7GJQlvv5vzcuYIe5k0ufOL8wLqOTmebPOqweE"
    "FataANECgYEA+OQNnTtM26pmeT8nTGmGvE8sjm432o3iDb+nyTuzhCKhqyFX8ICVqZCVhXFGXLC1VxGXxHw/i0lI"
    "kBlA6izhReGDSNzuHWab1K3+s7N6M/4WCpEzQhdnOUH9PK7+sFnmG1gWcWNN3gHOZoy8p2a22Tg1gLin//eOc0G6"
    "dN81M9ECgYEAw8vX017Z+k/J74GqT/C7zdAjQucn1tT2h/fYZLwhzKqc9DxodO3AH7dxRM4uAqUSJOKPo2kT/L3O"
    "Kz6r5A1IP9sJZUHcM4KurQCylARpQSonSPs/PiOsIHSDwhs+0MteKQDu65etHQwShzY/5Yz26TI7yb0PBqRMNRgE"
    "0SiH+30CgYBG3YgS0KOdl/L9asHhu9olG9Xv5+n3TJakm4FGhr0iTkoB08iaLcJvOT+Zcxs5oQbA971isI3XNtJ2"
    "VPpqssShhQhAYsdZj7Gm6LOwrtWIoDveXmFd3BQD9YoJETprM+2Us4wQVNoC8Di4cjH06AX/60UwlWMgOnhQ0NIq"
    "HLOlQQKBgB113Xqjaf785HCSPRMcMNXt/HBDob30e0fIJho6KIfIICerszfs0hyzmGp273tcZReBs4Ut+WDtGklt"
    "e6WrzfQ1u/stZrmlbyz+zt/wrfmtIw4bJ8/sxCh5/51ERjZac0eOKWTvhI+7UkpgAktC46AA+/gF523jaMgQXiEu"
    "jQ9tAoGBAPDzYkdm1goPDqYmuBBccPCVdYp6E+qFnZCUzCWeySRJ7WJJ2PsWHmBTGiMk+tUKQs48MDiIRY2PEg6/"
    "NPka/Mkbt0k4kh52qDR8Vkwx22Y83/bh7g0tgVlZ/MytdvJWKDRMFbqqWu1M8yNYrUsfAnwyf4zbbnnsTX4NuBW/"
    "V1NJ",
    "MIIEogIBAAKCAQEAth4NHyt+raKdq9FXYpedgPl9ow+b6aI3/0RjMNBMIKs8UtwNKydcKdxDKTcInJECchojsKqb"
    "hcrD+vXrYf+JyE8aGAE4F1hfH5gdlcsXy8kNBM0XBxfct3GGa82YNT/SfQhxEioG3+KT4zM2gM0e/cHkmUWJjPrp"
    "pSYXL0TN5/z8AxpiituKsGQphsGzGWnqOYGlOmqO7Cdz79R1tlVY0kx1EP3X1BJAFSQV8q8X15FZUWiIFvk8Dm0j"
    "xF9vP+UiDe9xvrdGRe0zK3pokPslfDBcg5ukgDRR8Z8mHzTuGUjdj+JthUaMSMoW9eYJTtYx4w2Ix9GQW2NqZ2Qf"
    "pQO/GQIDAQABAoIBAASA43zt9crcKrc7HOS1oFnWQZS4z/eT8PvNYIEOY5WKunoHkkVLCsDHvzrrjxlVDikNa6zE"
    "mUYylIxWDLkuiSUUjK4DiLQuFaMZv0CLJkZeLUXdPvioTsdUBbmQetc1QfKg1O/4rVUXvKW5iFtgxyeKBgnCwhMk"
    "CMdSVPAwrMFT8eRonp84jlAlHDx/VFZHKvt11ubdhCS5eHGUHG3LC8OUVoFJNpT2J6Ut2rjlx9InDKKJGsf5PJpz"
    "IT9YtZnOUgUjQUiu91ryQkW9jn67n/k+5oozS0VvvGkMYyoQrT4THd+Rd4jqu8a9GIGo8P0/SvbCvt30nc2ucVrI"
    "9h+BsoECgYEA4cOIPrY/GaowHphHqXnouTglBETxFq7n2Pv1YgIdcEEsOMtPqbCaCgYTL/x+J/1ZJznF18u36zq5"
    "97SOOg/7eoXcGWnvWKUyctmWktoAbMumUUTIq/oNOs84xJeajpruCbvMQyTlZDOYaY/N4NScy7bG563CS+w/1ZAh"
    "WEegXYECgYEAzoISXLj/oyptt913KUIRfVxMUi5+G8XPU2Ml8TlJfh53ttor3HuxxaeFVUlMpRExD8fxx0j7SUE1"
    "/oNBjE0/R0x60tyNAGtrH2oGtSXzIFWSbh1hvCpLruSClVlsebcgIeSAJJbz/irlEND8HaCLi+Dax3SJNsNBWhT0"
    "e5Y0XZkCgYB3JXVS+2WDyvCIRP+U7pSmo33NqgC+YuJS/m37Inic1JhdBNdvC5fP8HLR4WRHAIq7i97gy0+uIhkh"
    "JDXnaKXkfJ6y/thlJRHh0PmJWOnegP+uZimtsVKoFdK01fmohxVXJ7heOyug3SXzmAQkQrDZRgXlISuoW+84a09d"
    "wrdcgQKBgF41hL78PtNnJcq9pAEUfPodw0uyniF5ao32K3cS1W5N4/ttKJlbbMxpEjDIUcj0QNecNbbempTexQ0p"
    "QBwLmZSjVV0g9Mp+Ns6MBidZ+sKDh1vo14+KFCDjapdLxmr4mhYcMkF/BCyt0PaNAJdbiI31tJlNltN+3C+GY8qF"
    "ybnxAoGAGpX40ceNRH27vsk2q1OL1BJTKThLQtUZgA9C+HuRFslDXX4ZVH/TRJGDBY7bFUwao9xCO8EgSUWn/qhK"
    "udfkBLXmfedHxxfBvIF5HTT8wSA5e2mampQPUYNik9e+IqNtK7RS3G9k5xP7xLSRbvyyQKHs7Fl7uggqMce5aJD6"
    "sR4=",
    "MIIEowIBAAKCAQEA2PIXXJQx5XPINas36sY+PaoQh821EetsAdQ+Rd6TFdT2kIcZxZjUxvYm/oQFo0hHGvReusTg"
    "HsxFf8WOsn9wNRgUAtejOA07GqGzvcvo7AMUn1i4EjSUKty6J2kYkfKQpLBsmeh34euYZ62RmsWtOz/sYKEw65yv"
    "oMSBCgm2Yi8XWzFD+8KPIYhzS4kztgCIrtU01R7wWzcd/nuqi87Un8msylY6W+76DnS1mEjwcubVVuXJgtnD+Z6i"
    "1fZiMwOSTmNPWLvdSz0lkno8THlU2Os+0vP2pbVmtIQgD6u+pxEvbay6Ri2j8C60wMhebMEYw9SEd9OB9OdnjDpZ"
    "EPPRQwIDAQABAoIBAAl0r9j8qpoWLFVOg67reh4E8hiBOlGwIbKItjgkZePPNvoAsXpf2XJcm0F/rqE5zsOZgCGC"
    "4EPnYmYZzcjw7gqaZJDlJjuUtA1KnAN7Rkk3Lyhs3QUKHqUpnsGF/qip2m0bNXiV3dfOhYOLWKvWzuCkviBOFkxG"
    "tY770aYG21i3ISK5Ky28qTzRglVbXLV6gU3Tw1rsD/j9t8JvTU7mB4hckaD/v7zIadBroCWj9EvzvTbphDsIrdWt"
    "FnEGOX3zkGb4YlYboSBPbCNuIASJ3/2/p+WMKdPTxL4hytDld5n2RlfbbeHkw/jQqWsazJt068oI2GVb4W/1JgNV"
    "RepPfAECgYEA/i//HcSj6bI+K6JUeeLPNA02HnDvYmLuEJb8sxZDTlfOhN/K7CDuzFV8nqhAo1HVgfRxN3BRVTgq"
    "pZE0Ka5i6dnYDcHPdGnaI27LjmaS3GrJ5gsBrpeUjoWz1x0xffKLE0elGC1vdn/wz6bPepg87lSSM846dWkjm+d2"
    "nPlwPAECgYEA2n4csaw5CqmcW791g+7Gyq0WOJwSQhoCoh2CTj0CXfY9BxB25VPEZKyyUHMutYuIgW+QYoY9nJCH"
    "BegqiYTYuoK5HT/Q1Jv4uTOn6uoqtqkK1tBGlJd2bOqcCoKEPt/STfctyjexgh9Ng0HVbRr0hwQmoPGgr1sA9sCn"
    "1zHIHUMCgYBqpOh8LMw4eDftRqX6nVYhmIlkLC3DMY6AF1jeKjEC5YQX62zPtOF7iUJHrn+wBd12MIBvqgf1oSMD"
    "Y/BmrGuDgYpL+0x2oxKKWym8DP0AzSz3/xYtkhsZ0K6rSexB00jWRfDWO/nP1c3K0UmrPcQSmhjc82FDcWEnP+1b"
    "3qtgAQKBgEbij1CdPUxWRqIFdYy+FMSAbysih1Hmul/6DuJvLKtrTdVS5B/2k0rONHOhStAfWsQTe9ZbEvYOdZ/W"
    "+KXw8Zdg/cmdgJTZnVIIjjvKiN0F7rxOifd/RC6F1uYZ/emgF8yvmq12cCJ1IWKqIyHoktiS4i1o9uatMZzcWBea"
    "0P+dAoGBAMt43U1+bBV/i8F3RpjF2orabsN58zqhYUzb+BS9VBVg60+Sxudo4SF7FopGja76Vwn0UiApYzAUFoyu"
    "O5xhvk239PaoUlUw6eYfca5BixS5cE39bYGAbKQlc9nYc7PhZ8Z1wIOyoDwHZsrf5jUOTO4Vt7mgfTExsKFEo00i"
    "pLl1",
    "MIIEowIBAAKCAQEA3NHoFopQjWeojlaNeUOjxsIRCpQqGTnHOAcfGhSqNwmXxcgxa+EbUgzq2OLAd8JUvsdKaVGV"
    "ocEVvizkOuqqzcmHmvJZm+1wI3wQxbyhaNIEoKT+Cm9+kztahBkRwxTLINiP9+EHIcOONer/vhcC1gR64Ptj2SVn"
    "GlPjKmZYl0tOqS59GWRAIMUc3kvJWFzl/h9LbN71BbiQ9iQy11cSZxXCPev0uNr/6q/9l9N+3iVRVtVJ2t52xeud"
    "cnQ/aYaEO1ceuAgZBBvF73xoXKBmTc+P3OuX/Z7Tj68FtN/6pvKMMyKiixDPtxx1duI5mnvysLPbXUoMiYyV67Is"
    "UsSGRwIDAQABAoIBAAePKf5Hit1kXIlO3jX2Ak/GCfZOPyiw6Sh6We63IWKT8f2jzklOofRLm+iDzqnq3aLQSLRV"
    "RiWM6hUiDUgVC3bS/NDplfa4CJw2XY6fV/kyI1VqgIXT7kXVBNK71vdSKWf88eS+79MQkjg3TLzxpbe03I4CHRds"
    "Z9ynXYHwkfzP11jvsQz3SGg20Xda2DbHHkDwTQo1noT5h6ATKhZnJEght5EZFpNc+YnqH7fXphEbtfxLyXbCmMP/"
    "SABc8agMVoPyWehu8fAYbDyc7/hfHn+vfWyOSiDhT1+WVZ2xvjQ9b9y/jta+6RozryBZVN9bWdoUvaZpDa3G1ST1"
    "gpgI4SECgYEA/Lw3E6i4IKqol04TEi8J7BxXbIEU1lGsDZcsJgGC5fvLd/Rj0AjImSmHS12Pwxgs3cqsLlm8bXvE"
    "FjngJKid6TkApJJhQAZJSxaXHVZD8NUErb4QlpeGLwgLL0M89MSJJl97unoEtLVIOpQOwRWjSQtHoKjfMWZGl5rz"
    "tcPMR+cCgYEA36wmI+5EPhl8zszywoBLCsNsBEpAmCjyQc3nxXQR09ctzDg6EvMar3QeLuTQNcgp9pldrmmQFwdl"
    "boAStFfQ+l7WS0YEmf/kW1l5kO/8ZS1BMz7lMnIVpaAmPUBbxkV/d0OZt5fk0BUx0VU5OrVRBa571e4/JIc67xsY"
    "i334gqECgYEA3P5PQrdzWc0gYj1425uaF4WoxE4SxFziD3gyuID1zthf0GI4rP4hOhxgG3ySasvG36GK8XSyGSHy"
    "EmVFI4j1m6umbkE5HFzi1e/I73QxMHN0BeB+bM/OG23zKb6nnHgGXTF85VAwsTsbD23LgPbEsuhUF53SnEWMUKDD"
    "nhq5k90CgYBPTzU+7E9aTaNJmLZDbUYujNiSNNnumiY8WwxhoSRpHxVoIk/FRFoj+GJzckK5rz3h6MOlAl1LLR40"
    "LklzlOfOvy3xBuS+zlNkaLeIQvAV2BQUXarbVkSCs+SbN2TTSvVFjrzEsqE5fypo9XUTchNGlnXmh1HwW9rzyYHM"
    "hGBHwQKBgA+9LMMo4kvGiSUGjTRssridakJvpVzFWuDmNk519j/plqfHQuKz7Bhj5C95QyqhxrNGBjL9QANgH+Vg"
    "4VKwrGF1XrFjyVMgIMQzPSokqg2oHoBbLUWIGXOamuFkuzCL8jGRJ6A0yAOfSRDVdI/9UngM9VnDN1gAN0eK0sH5"
    "OpAs",
    "MIIEogIBAAKCAQEAyKNnaYFS89hvuhDHKnTO+ilXEZDo9KLmm0a2dshXsdWSBL/pD8Lbsp1kJ+fXC9LCgUnOJXBq"
    "H/va8KvTl8Yg+tEVFZG2ww3aJKQhk6Spb/iVC4laPooaEQHwOzFTuECK8YyoYku6FRpYh7tRp9mZNc0b1de06WFZ"
    "78aTl+zaitZi2Q2y471NwdpPzsGbhU2mseyMUxXXYL4vx7uYpenAuoGsJSpKGpUpw/OPG+sjlJqRN/uAdzc/Rf/Y"
    "YcnkTvhWTpgC640B6WTvuik9DfM0tPR+E5sBh190E4g4jkUyCqZGeRosy0cl0kX2MKc6WF3uDhLu8dn4jjZKR7zJ"
    "H6mjNQIDAQABAoIBACz/rQFWLm8fM0u1WJ32jbdAj1USvZSkdnkL3n98hmKNpk6nZhORXenM7/odPrdZoSMTFQeD"
    "k2GyAFQrDW1EVAA85XAteqJ7mFnQb/FnpFLHG1J3j0Rof9khqKn18bNo0mDDbb6CAm2aN5HVmsY9AOY2ptAKrXoM"
    "SfoDfPW9evRZJBCGLjMMH7fAbWwsYjQwLgdsRo3LDpWMn/xprwg9hm8UBUSiX15txbWlu5YZSNkWP2x8ZeYPzVAI"
    "+6uyxTh2MU5CSsXxoOh9tnkE0lPX7TMOYsHxZIn67h7N87UuSzjImqpaGKHnDlsE+hJmrz7a3hjbwHWnli3cU+3b"
    "+ZOJ1E8CgYEA7iAF/3wFDxOuqdq+MI6S0pynU4rN9xhnqv+pFM/f7CixYo/fjO4Ux2Bb7UUJYpyORh29AMeSiKSA"
    "nnAXkH1Ne4ixSMU7Q6nIFfUIFjFuA5y7qhGwae5vMRixVmpi+ZZJz8J17vLbSZ0jc2giEkRdybqmH23xQZ53NGoD"
    "DQNiahsCgYEA17MCIduxMfWnrbXom10ZRpH8hBmQEhV6OO5TQz9Wyrox9FoFM9rgHyumls8OJmXH0brY1tlRdHD8"
    "d3CCSOUJTQlUGFOc/qmHz9alRyP1lwj9U7x0rl88xYpVrVJTTOi+LmZfOCQ0/jHsoW4fbnea3UdvrcfZ1/WmjIOw"
    "++hi/O8CgYATWC6kjqKqkuLBka+ZqjtrOKavNrt8s1LYpWRK+IgsWzHt29pBTKYLfFx7bfxRMn6sW4YbJhtVVmfM"
    "dzay2jsNKhGc48joukYy4nEBvIo/aOAl9MHsGR6XUnY1mvbnZ7ofUqDaBIij9kwG+BKsgTlNRghwzTGoLwNoEqSk"
    "zf2UuQKBgG33sWqZmqkh2K7TQxeSS0STQO4IKk9N69YCiyiJrjIE41r0WhqpyAGcO34/abNhyJHAdLR0bvayc8Rg"
    "88s+GZPQ4bLVTgD3ZWoswG6YgqjRyHVcaxBLNaxwbmXCxv0621rEjl8M9odx5HYYsqWbDLUrqmAqt4FGl/ajXSPQ"
    "wka5AoGAPWXrffLX6FjQcSSIKvmSVSrGNgLckqvGxDF0D6w8ywT5F5kMtxLSvbf3xROIn1nhqP08mUGPtlWGYOEW"
    "nqbsYssirb1Tj8z6TGVwnUlmMUXpVjwkYi8qk0Gz+jqslYcrXMxgeCKGwy7s5Ol7x9cm6itazMHs5Y2ataM74Yej"
    "9Y8=",
    "MIIEowIBAAKCAQEA0dqlBHC1JkACPRvb4eLy1y6kT2dmhPeP8AYbKIWNxvTCtJtIo8s16IStFYgUWb/EjrXCObLA"
    "4du9ZbLlEHFqYpRHPjxUur62n351zpHjSrxqzT75fReGma2I+ttsOmi31EmiiIsaRhFmoKW302Kq8Vo9nEEjm7NV"
    "1m1ELUJS7XsR6IDT4Rz8YZILhGbUTr9ld3rTyNRADoNhN7wC1iSIT/bUZORVhlfvaR/oBK8OMrjnd29oUiarDJFB"
    "SIBSyRjk+qpWbNDbeisx3pRQsFK+5Jp1t3Y+xv2JB2Q9hRyTtoELr/r42nbZKB1zP1/kV/mspupa1wvzHBfLlKps"
    "lSvKQQIDAQABAoIBAAKPi38HlThNeebZvmKYthFONwWmhlEF+H5LmXIn7gwrrAK6QzDHensMamnGY9wuq5T5DruM"
    "7ORcqHMeHkQyTsO7mY0e0phcRSbNVd3tTbkZiJKZq6pH0BXzkNs3HqXC+xzxVepwCxl9iHNvo5PQuDNdgD4LapuG"
    "53uy5eJI/8bOJC06Vb88hIY1wmSqrrt+V1dSLw7iXdH9r/8rXHgRboO/6OrAk2iBYdiaigGjelPTdJ9nhicgF7Ma"
    "pkameCRCBjxjtkx6ZTa0WU/o2zkoh2wYlRwt3MuwUrOZZUReJudZUJq5JqYRjvfOYzri+LxbzJx1VVb33FClmpay"
    "xAtOyOkCgYEA/bhbZm2YXM/Snt0wXtrDA9slMi0oqOM/PuMa2bnH/ET2P/ya9iSI5BAIKjrN8AHOPeO18ghr6vQX"
    "+K8nsVpHXvDskwSdvLw7d29Bty1MfLi43xPFC6QI+1wr4fsQGMSzg1LM03QH6N5bxw96LnyeihtXFftTKo2Bj1vE"
    "+3LnPnkCgYEA071hcbJWFTuSfrkx7e8ZvP35t2hXpCBCeIO0mnfTnggQu3aMJUSqSrIU+MeoLLnPMFZxHFc6rf/Y"
    "rT8WkQHs9lVOMhtE/6HJQW2TJALNu2plVJyUEFjzSAc/0QElDkBVuwl0ZjvHNmI2LvlEJUj/gt8Jaqs9cqSsmD02"
    "CKHZWAkCgYEA0Mfo5nOe4hjd335yNEveGAk4JX8Fq1w8ihpF2Q5Io6132ZWbSpsrzkfnACEdn7dMqJ799Km7bD7q"
    "juhLSGTawCSO+DffORTH9nMl538uJp+2+VKCXh7giT8CmVWInGkYsyLqi8I6VATODxMMXr6Lk2gGFH+YozaIe5hv"
    "kt6trTkCgYBPACXPSf6cRXHPHkHmyIMN5KS7LY8liXPDi0BjMbofCFtV1lFLxmbTH8Z7W+L/bQREwLvLGzClowOx"
    "AAznZZSIBCP8xffkePSiGMQBd5pTBstv2kvUHZwHj8zbqlWtD4vtEQYA7uTRAau9svsd/jJ3HchhqCpxD8fltVDn"
    "v5tcIQKBgFz8Ckc/uS8En4gNgOf8kZSbCaDptO0CV8UKSn4LAOHibMzOdGoNMcbTIqKF0bYDEQibDK01h+xVV46w"
    "YfBpMg6fN0xW5LUZyhvD00BLqtFqQsXDgtAF8r+bI02RysQLVw34SaxwD/5cD6+LdDsAbosXYgmU7ul9MwO62a+9"
    "EvpP",
    "MIIEpAIBAAKCAQEAvh2p52TUgE/nkDCObHoXOVGrNYpkYKRWGS3/9y/r128Cknf6nsWyvKXOnw4+ZpcQDUZ0C/xD"
    "IAd6EleJwuc61GRdEpWt5ZgA/Bf4aGCwaSsxf80BBj2G6mzUK4A7MJV3hWJ5DnfOlTPpXiiM8cYn+U9HVbXhBLta"
    "2WF2JyO/qmd1g2AGWVbb3FpiUH/jQxxI0JeOYmQsUVjLv32fUWtrzk6xD1IEUEbMJhU2gd3FIbSp3fr7GDdaqsty"
    "3C8JHfm5g+QqXbQ2aRdOag6NOGOvSNwc8YU/YALS30R7Fvl4ha8g6nFDQfv1p5yFwOl0ZumzA4IxT61vhqUiudI8"
    "k8rsfwIDAQABAoIBAAMiiMCwtZ2qs6N5tCovFomdbSNO4Dovu4kNbHZuVdyRj2Chlde0ZC7Jf89jnr0g/zoYz/pl"
    "SH4TYXyX8O+ZJyvavnt7TbNxfuKpSoaowX/vybsqbY/lcn9pwqiM+Wzi/2Y1qiVbmGPMHVcDeCoscvr2HF5aHMHF"
    "N8mfL8w+wf7/T8paY1S3MuSah6iQm2yL/wYvzshGQUUSjYdWtWjoOULEbNAvfhcsMH9bJKTi8CFodRF1dCTJTKY4"
    "eX1O0G8O5h1FriBac72/fV9us+kjg+uQ8C9m9bgZsEl1a01Zb0mWTPdVOgORzas15q7SHhmF59gd2jrl1StA8oml"
    "Vu22mSECgYEA5qFdPV5o8XPqIKNvL4p8LL5aSfc/j5kIYIhzgOAIoNzMEXBUtL96la5EgPujsKLAyeZmiuNoxUZf"
    "gPWmGRVK8RVpfPthVSGHJWWNLeeIccoOSeqqY/faUzZhEtPVXkpb4sxlx527RN+26TpIb78FZrxX8TRWIq5iViLo"
    "Nl4/YOcCgYEA0wdluO0Qb77Nr/c6Zb9lTe7TEYvnccPihFniniOdWA2yGd64OzGAU/M91jVPKMla43YdI7Zwb0mf"
    "p+JbW5zRkKSJ+xOJ+WUeqTGnlqC+4NoKXo3E9JT97KxurUCY+cXEWGuKnHW1GvvMhrgHS34KMURk6s5qZMASDJFC"
    "AvWJ7KkCgYBm+qBWeaRkQ7zEDBXmZXCizfAk3Mi9xrgt2l+wqNhRc6WPF9hKyMDkuuaNrU7e3R02SbF5zKcIhy63"
    "t3gN9Sr8UPJEQz6ns4vTz+9lEuAi5vTQXn7smkwbIcngjUPVkWBL+bZslmp7C2Vx6HtVoja4M9sUsajQXYs9KOME"
    "+7pS+wKBgQDPXiWHYu0T4dsdX0PzV/CkdFrUkzYLhQHCLNGTtEuZi1vIMCO5hxsjY5MQO7Jd0f+OJTLdNRmnQiGx"
    "R62eiKsmB4nPP5QFjmhiuniEe9EWAyzNXWJ9NSuQtqDLfv7T8pLOkF7VAJXGvkhs2cnRVTmO0DaaxdumxVb3IoZL"
    "ghzWgQKBgQCEidls1EtsUwYaFfxkiBZmTjSQovh2uiloJ68LclQiOS9MyoQX6AIwENaZSC4s5HjFzQCfp4/LAxQQ"
    "f76JUzX5UjgUf8dAs5TrMbCxC3T+0P69S7x/6p+qXMlUgeLpo+lVfcOi7YCOjTZnMKRHKE7rBiOWQd+8/AWte2u2"
    "N2pqDg==",
};
enum { POOL = sizeof(pool) / sizeof(pool[0]) };

EVP_PKEY *iphone_pool_key(uint64_t index)
{
    const char *text = pool[index % POOL];
    uint8_t der[2048];
    ssize_t len = lethe_base64_decode(der, sizeof(der), text, strlen(text));
    const uint8_t *at = der;
    return len > 0 ? d2i_PrivateKey(EVP_PKEY_RSA, NULL, &at, len) : NULL;
}

EVP_PKEY *iphone_key(const struct phone *phone)
{
    return iphone_pool_key(
        (uint64_t)json_integer_value(json_object_get(phone_state(phone), "key")));
}

int iphone_public_key(const struct phone *phone, struct lethe_buf *pem)
{
    EVP_PKEY *key = iphone_key(phone);
    uint8_t *der = NULL;
    int len = key ? i2d_PublicKey(key, &der) : -1; /* of RSA: PKCS#1 */
    BIO *bio = BIO_new(BIO_s_mem());
    int rc = -LETHE_E_INTERNAL;
    if (len > 0 && bio && PEM_write_bio(bio, "RSA PUBLIC KEY", "", der, len) > 0) {
        char *text = NULL;
        long n = BIO_get_mem_data(bio, &text);
        rc = lethe_buf_add(pem, text, (size_t)n);
    }
    BIO_free(bio);
    OPENSSL_free(der);
    EVP_PKEY_free(key);
    return rc;
}
