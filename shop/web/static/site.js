// The server writes times in the zone of whoever reads them.
document.cookie =
  "timezone=" + Intl.DateTimeFormat().resolvedOptions().timeZone + "; Path=/; Max-Age=31536000; SameSite=Lax";
