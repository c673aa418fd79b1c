// Made by packages/intl/generate.mjs of @formatjs/intl-pluralrules, MIT.
(function () {
const rules = [
function(num, isOrdinal, exponent = 0) {
    const numStr = String(num);
    const parts = numStr.split(".");
    const integerPart = parts[0];
    const decimalPart = parts[1] || "";
    const n = Math.abs(parseFloat(numStr));
    if (isOrdinal) {
    }
    else {
        if (n === 1)
            return "one";
    }
    return "other";
},
function(num, isOrdinal, exponent = 0) {
    const numStr = String(num);
    const parts = numStr.split(".");
    const integerPart = parts[0];
    const decimalPart = parts[1] || "";
    const n = Math.abs(parseFloat(numStr));
    const i = Math.floor(Math.abs(parseFloat(integerPart)));
    if (isOrdinal) {
    }
    else {
        if (i === 0 || n === 1)
            return "one";
    }
    return "other";
},
function(num, isOrdinal, exponent = 0) {
    const numStr = String(num);
    const parts = numStr.split(".");
    const integerPart = parts[0];
    const decimalPart = parts[1] || "";
    const n = Math.abs(parseFloat(numStr));
    if (isOrdinal) {
    }
    else {
        if (((n % 100) >= 3 && (n % 100) <= 10))
            return "few";
        if (((n % 100) >= 11 && (n % 100) <= 99))
            return "many";
        if (n === 1)
            return "one";
        if (n === 2)
            return "two";
        if (n === 0)
            return "zero";
    }
    return "other";
},
function(num, isOrdinal, exponent = 0) {
    const numStr = String(num);
    const parts = numStr.split(".");
    const integerPart = parts[0];
    const decimalPart = parts[1] || "";
    const n = Math.abs(parseFloat(numStr));
    const i = Math.floor(Math.abs(parseFloat(integerPart)));
    if (isOrdinal) {
        if (n === 4)
            return "few";
        if (n === 6)
            return "many";
        if ((((((n === 1 || n === 5) || n === 7) || n === 8) || n === 9) || n === 10))
            return "one";
        if ((n === 2 || n === 3))
            return "two";
    }
    else {
        if (i === 0 || n === 1)
            return "one";
    }
    return "other";
},
function(num, isOrdinal, exponent = 0) {
    const numStr = String(num);
    const parts = numStr.split(".");
    const integerPart = parts[0];
    const decimalPart = parts[1] || "";
    const n = Math.abs(parseFloat(numStr));
    const i = Math.floor(Math.abs(parseFloat(integerPart)));
    if (isOrdinal) {
        if (((i % 10) === 3 || (i % 10) === 4) || (((((((((i % 1000) === 100 || (i % 1000) === 200) || (i % 1000) === 300) || (i % 1000) === 400) || (i % 1000) === 500) || (i % 1000) === 600) || (i % 1000) === 700) || (i % 1000) === 800) || (i % 1000) === 900))
            return "few";
        if (i === 0 || (i % 10) === 6 || (((i % 100) === 40 || (i % 100) === 60) || (i % 100) === 90))
            return "many";
        if ((((((i % 10) === 1 || (i % 10) === 2) || (i % 10) === 5) || (i % 10) === 7) || (i % 10) === 8) || ((((i % 100) === 20 || (i % 100) === 50) || (i % 100) === 70) || (i % 100) === 80))
            return "one";
    }
    else {
        if (n === 1)
            return "one";
    }
    return "other";
},
function(num, isOrdinal, exponent = 0) {
    const numStr = String(num);
    const parts = numStr.split(".");
    const integerPart = parts[0];
    const decimalPart = parts[1] || "";
    const n = Math.abs(parseFloat(numStr));
    if (isOrdinal) {
        if (((n % 10) === 2 || (n % 10) === 3) && ((n % 100) !== 12 && (n % 100) !== 13))
            return "few";
    }
    else {
        if (((n % 10) >= 2 && (n % 10) <= 4) && ((n % 100) < 12 || (n % 100) > 14))
            return "few";
        if ((n % 10) === 0 || ((n % 10) >= 5 && (n % 10) <= 9) || ((n % 100) >= 11 && (n % 100) <= 14))
            return "many";
        if ((n % 10) === 1 && (n % 100) !== 11)
            return "one";
    }
    return "other";
},
function(num, isOrdinal, exponent = 0) {
    const numStr = String(num);
    const parts = numStr.split(".");
    const integerPart = parts[0];
    const decimalPart = parts[1] || "";
    const i = Math.floor(Math.abs(parseFloat(integerPart)));
    const v = decimalPart.length;
    const f = v > 0 ? parseInt(decimalPart, 10) : 0;
    if (isOrdinal) {
    }
    else {
        if (v === 0 && ((i % 10) >= 2 && (i % 10) <= 4) && ((i % 100) < 12 || (i % 100) > 14) || ((f % 10) >= 2 && (f % 10) <= 4) && ((f % 100) < 12 || (f % 100) > 14))
            return "few";
        if (v === 0 && (i % 10) === 1 && (i % 100) !== 11 || (f % 10) === 1 && (f % 100) !== 11)
            return "one";
    }
    return "other";
},
function(num, isOrdinal, exponent = 0) {
    const numStr = String(num);
    const parts = numStr.split(".");
    const integerPart = parts[0];
    const decimalPart = parts[1] || "";
    const n = Math.abs(parseFloat(numStr));
    const i = Math.floor(Math.abs(parseFloat(integerPart)));
    const v = decimalPart.length;
    const e = exponent;
    if (isOrdinal) {
        if (n === 4)
            return "few";
        if ((n === 1 || n === 3))
            return "one";
        if (n === 2)
            return "two";
    }
    else {
        if (e === 0 && i !== 0 && (i % 1000000) === 0 && v === 0 || (e < 0 || e > 5))
            return "many";
        if (i === 1 && v === 0)
            return "one";
    }
    return "other";
},
function(num, isOrdinal, exponent = 0) {
    const numStr = String(num);
    const parts = numStr.split(".");
    const integerPart = parts[0];
    const decimalPart = parts[1] || "";
    const i = Math.floor(Math.abs(parseFloat(integerPart)));
    const v = decimalPart.length;
    if (isOrdinal) {
    }
    else {
        if ((i >= 2 && i <= 4) && v === 0)
            return "few";
        if (v !== 0)
            return "many";
        if (i === 1 && v === 0)
            return "one";
    }
    return "other";
},
function(num, isOrdinal, exponent = 0) {
    const numStr = String(num);
    const parts = numStr.split(".");
    const integerPart = parts[0];
    const decimalPart = parts[1] || "";
    const n = Math.abs(parseFloat(numStr));
    if (isOrdinal) {
        if ((n === 3 || n === 4))
            return "few";
        if ((n === 5 || n === 6))
            return "many";
        if (n === 1)
            return "one";
        if (n === 2)
            return "two";
        if ((((n === 0 || n === 7) || n === 8) || n === 9))
            return "zero";
    }
    else {
        if (n === 3)
            return "few";
        if (n === 6)
            return "many";
        if (n === 1)
            return "one";
        if (n === 2)
            return "two";
        if (n === 0)
            return "zero";
    }
    return "other";
},
function(num, isOrdinal, exponent = 0) {
    const numStr = String(num);
    const parts = numStr.split(".");
    const integerPart = parts[0];
    const decimalPart = parts[1] || "";
    const n = Math.abs(parseFloat(numStr));
    const i = Math.floor(Math.abs(parseFloat(integerPart)));
    const w = decimalPart.replace(/0+$/, "").length;
    const t = w > 0 ? parseInt(decimalPart.replace(/0+$/, ""), 10) : 0;
    if (isOrdinal) {
    }
    else {
        if (n === 1 || t !== 0 && (i === 0 || i === 1))
            return "one";
    }
    return "other";
},
function(num, isOrdinal, exponent = 0) {
    const numStr = String(num);
    const parts = numStr.split(".");
    const integerPart = parts[0];
    const decimalPart = parts[1] || "";
    const i = Math.floor(Math.abs(parseFloat(integerPart)));
    const v = decimalPart.length;
    if (isOrdinal) {
    }
    else {
        if (i === 1 && v === 0)
            return "one";
    }
    return "other";
},
function(num, isOrdinal, exponent = 0) {
    const numStr = String(num);
    const parts = numStr.split(".");
    const integerPart = parts[0];
    const decimalPart = parts[1] || "";
    const n = Math.abs(parseFloat(numStr));
    const i = Math.floor(Math.abs(parseFloat(integerPart)));
    const v = decimalPart.length;
    if (isOrdinal) {
        if ((n % 10) === 3 && (n % 100) !== 13)
            return "few";
        if ((n % 10) === 1 && (n % 100) !== 11)
            return "one";
        if ((n % 10) === 2 && (n % 100) !== 12)
            return "two";
    }
    else {
        if (i === 1 && v === 0)
            return "one";
    }
    return "other";
},
function(num, isOrdinal, exponent = 0) {
    const numStr = String(num);
    const parts = numStr.split(".");
    const integerPart = parts[0];
    const decimalPart = parts[1] || "";
    const n = Math.abs(parseFloat(numStr));
    const i = Math.floor(Math.abs(parseFloat(integerPart)));
    const v = decimalPart.length;
    const e = exponent;
    if (isOrdinal) {
    }
    else {
        if (e === 0 && i !== 0 && (i % 1000000) === 0 && v === 0 || (e < 0 || e > 5))
            return "many";
        if (n === 1)
            return "one";
    }
    return "other";
},
function(num, isOrdinal, exponent = 0) {
    const numStr = String(num);
    const parts = numStr.split(".");
    const integerPart = parts[0];
    const decimalPart = parts[1] || "";
    const n = Math.abs(parseFloat(numStr));
    const i = Math.floor(Math.abs(parseFloat(integerPart)));
    const v = decimalPart.length;
    const f = v > 0 ? parseInt(decimalPart, 10) : 0;
    if (isOrdinal) {
        if (n === 1)
            return "one";
    }
    else {
        if (v === 0 && ((i === 1 || i === 2) || i === 3) || v === 0 && (((i % 10) !== 4 && (i % 10) !== 6) && (i % 10) !== 9) || v !== 0 && (((f % 10) !== 4 && (f % 10) !== 6) && (f % 10) !== 9))
            return "one";
    }
    return "other";
},
function(num, isOrdinal, exponent = 0) {
    const numStr = String(num);
    const parts = numStr.split(".");
    const integerPart = parts[0];
    const decimalPart = parts[1] || "";
    const n = Math.abs(parseFloat(numStr));
    const i = Math.floor(Math.abs(parseFloat(integerPart)));
    const v = decimalPart.length;
    const e = exponent;
    if (isOrdinal) {
        if (n === 1)
            return "one";
    }
    else {
        if (e === 0 && i !== 0 && (i % 1000000) === 0 && v === 0 || (e < 0 || e > 5))
            return "many";
        if ((i === 0 || i === 1))
            return "one";
    }
    return "other";
},
function(num, isOrdinal, exponent = 0) {
    const numStr = String(num);
    const parts = numStr.split(".");
    const integerPart = parts[0];
    const decimalPart = parts[1] || "";
    const n = Math.abs(parseFloat(numStr));
    if (isOrdinal) {
        if (n === 1)
            return "one";
    }
    else {
        if ((n >= 3 && n <= 6))
            return "few";
        if ((n >= 7 && n <= 10))
            return "many";
        if (n === 1)
            return "one";
        if (n === 2)
            return "two";
    }
    return "other";
},
function(num, isOrdinal, exponent = 0) {
    const numStr = String(num);
    const parts = numStr.split(".");
    const integerPart = parts[0];
    const decimalPart = parts[1] || "";
    const n = Math.abs(parseFloat(numStr));
    const i = Math.floor(Math.abs(parseFloat(integerPart)));
    if (isOrdinal) {
        if (n === 4)
            return "few";
        if (n === 6)
            return "many";
        if (n === 1)
            return "one";
        if ((n === 2 || n === 3))
            return "two";
    }
    else {
        if (i === 0 || n === 1)
            return "one";
    }
    return "other";
},
function(num, isOrdinal, exponent = 0) {
    const numStr = String(num);
    const parts = numStr.split(".");
    const integerPart = parts[0];
    const decimalPart = parts[1] || "";
    const i = Math.floor(Math.abs(parseFloat(integerPart)));
    const v = decimalPart.length;
    if (isOrdinal) {
    }
    else {
        if (i === 1 && v === 0 || i === 0 && v !== 0)
            return "one";
        if (i === 2 && v === 0)
            return "two";
    }
    return "other";
},
function(num, isOrdinal, exponent = 0) {
    const numStr = String(num);
    const parts = numStr.split(".");
    const integerPart = parts[0];
    const decimalPart = parts[1] || "";
    const n = Math.abs(parseFloat(numStr));
    if (isOrdinal) {
        if ((n === 1 || n === 5))
            return "one";
    }
    else {
        if (n === 1)
            return "one";
    }
    return "other";
},
function(num, isOrdinal, exponent = 0) {
    const numStr = String(num);
    const parts = numStr.split(".");
    const integerPart = parts[0];
    const decimalPart = parts[1] || "";
    const n = Math.abs(parseFloat(numStr));
    const i = Math.floor(Math.abs(parseFloat(integerPart)));
    if (isOrdinal) {
        if (n === 1)
            return "one";
    }
    else {
        if ((i === 0 || i === 1))
            return "one";
    }
    return "other";
},
function(num, isOrdinal, exponent = 0) {
    return "other";
},
function(num, isOrdinal, exponent = 0) {
    const numStr = String(num);
    const parts = numStr.split(".");
    const integerPart = parts[0];
    const decimalPart = parts[1] || "";
    const i = Math.floor(Math.abs(parseFloat(integerPart)));
    const w = decimalPart.replace(/0+$/, "").length;
    const t = w > 0 ? parseInt(decimalPart.replace(/0+$/, ""), 10) : 0;
    if (isOrdinal) {
    }
    else {
        if (t === 0 && (i % 10) === 1 && (i % 100) !== 11 || (t % 10) === 1 && (t % 100) !== 11)
            return "one";
    }
    return "other";
},
function(num, isOrdinal, exponent = 0) {
    const numStr = String(num);
    const parts = numStr.split(".");
    const integerPart = parts[0];
    const decimalPart = parts[1] || "";
    const n = Math.abs(parseFloat(numStr));
    const i = Math.floor(Math.abs(parseFloat(integerPart)));
    const v = decimalPart.length;
    const e = exponent;
    if (isOrdinal) {
        if ((((n === 11 || n === 8) || n === 80) || n === 800))
            return "many";
    }
    else {
        if (e === 0 && i !== 0 && (i % 1000000) === 0 && v === 0 || (e < 0 || e > 5))
            return "many";
        if (i === 1 && v === 0)
            return "one";
    }
    return "other";
},
function(num, isOrdinal, exponent = 0) {
    const numStr = String(num);
    const parts = numStr.split(".");
    const integerPart = parts[0];
    const decimalPart = parts[1] || "";
    const n = Math.abs(parseFloat(numStr));
    const i = Math.floor(Math.abs(parseFloat(integerPart)));
    if (isOrdinal) {
        if (i === 0 || (((((i % 100) >= 2 && (i % 100) <= 20) || (i % 100) === 40) || (i % 100) === 60) || (i % 100) === 80))
            return "many";
        if (i === 1)
            return "one";
    }
    else {
        if (n === 1)
            return "one";
    }
    return "other";
},
function(num, isOrdinal, exponent = 0) {
    const numStr = String(num);
    const parts = numStr.split(".");
    const integerPart = parts[0];
    const decimalPart = parts[1] || "";
    const n = Math.abs(parseFloat(numStr));
    if (isOrdinal) {
        if ((n % 10) === 6 || (n % 10) === 9 || (n % 10) === 0 && n !== 0)
            return "many";
    }
    else {
        if (n === 1)
            return "one";
    }
    return "other";
},
function(num, isOrdinal, exponent = 0) {
    const numStr = String(num);
    const parts = numStr.split(".");
    const integerPart = parts[0];
    const decimalPart = parts[1] || "";
    const n = Math.abs(parseFloat(numStr));
    if (isOrdinal) {
        if (n === 1)
            return "one";
    }
    else {
    }
    return "other";
},
function(num, isOrdinal, exponent = 0) {
    const numStr = String(num);
    const parts = numStr.split(".");
    const integerPart = parts[0];
    const decimalPart = parts[1] || "";
    const n = Math.abs(parseFloat(numStr));
    const v = decimalPart.length;
    const f = v > 0 ? parseInt(decimalPart, 10) : 0;
    if (isOrdinal) {
    }
    else {
        if (((n % 10) >= 2 && (n % 10) <= 9) && ((n % 100) < 11 || (n % 100) > 19))
            return "few";
        if (f !== 0)
            return "many";
        if ((n % 10) === 1 && ((n % 100) < 11 || (n % 100) > 19))
            return "one";
    }
    return "other";
},
function(num, isOrdinal, exponent = 0) {
    const numStr = String(num);
    const parts = numStr.split(".");
    const integerPart = parts[0];
    const decimalPart = parts[1] || "";
    const n = Math.abs(parseFloat(numStr));
    const v = decimalPart.length;
    const f = v > 0 ? parseInt(decimalPart, 10) : 0;
    if (isOrdinal) {
    }
    else {
        if ((n % 10) === 1 && (n % 100) !== 11 || v === 2 && (f % 10) === 1 && (f % 100) !== 11 || v !== 2 && (f % 10) === 1)
            return "one";
        if ((n % 10) === 0 || ((n % 100) >= 11 && (n % 100) <= 19) || v === 2 && ((f % 100) >= 11 && (f % 100) <= 19))
            return "zero";
    }
    return "other";
},
function(num, isOrdinal, exponent = 0) {
    const numStr = String(num);
    const parts = numStr.split(".");
    const integerPart = parts[0];
    const decimalPart = parts[1] || "";
    const i = Math.floor(Math.abs(parseFloat(integerPart)));
    const v = decimalPart.length;
    const f = v > 0 ? parseInt(decimalPart, 10) : 0;
    if (isOrdinal) {
        if (((i % 10) === 7 || (i % 10) === 8) && ((i % 100) !== 17 && (i % 100) !== 18))
            return "many";
        if ((i % 10) === 1 && (i % 100) !== 11)
            return "one";
        if ((i % 10) === 2 && (i % 100) !== 12)
            return "two";
    }
    else {
        if (v === 0 && (i % 10) === 1 && (i % 100) !== 11 || (f % 10) === 1 && (f % 100) !== 11)
            return "one";
    }
    return "other";
},
function(num, isOrdinal, exponent = 0) {
    const numStr = String(num);
    const parts = numStr.split(".");
    const integerPart = parts[0];
    const decimalPart = parts[1] || "";
    const n = Math.abs(parseFloat(numStr));
    if (isOrdinal) {
        if (n === 4)
            return "few";
        if (n === 1)
            return "one";
        if ((n === 2 || n === 3))
            return "two";
    }
    else {
        if (n === 1)
            return "one";
    }
    return "other";
},
function(num, isOrdinal, exponent = 0) {
    const numStr = String(num);
    const parts = numStr.split(".");
    const integerPart = parts[0];
    const decimalPart = parts[1] || "";
    const n = Math.abs(parseFloat(numStr));
    if (isOrdinal) {
        if ((n >= 1 && n <= 4))
            return "one";
    }
    else {
        if (n === 1)
            return "one";
    }
    return "other";
},
function(num, isOrdinal, exponent = 0) {
    const numStr = String(num);
    const parts = numStr.split(".");
    const integerPart = parts[0];
    const decimalPart = parts[1] || "";
    const n = Math.abs(parseFloat(numStr));
    if (isOrdinal) {
        if (n === 4)
            return "few";
        if (n === 6)
            return "many";
        if (((n === 1 || n === 5) || (n >= 7 && n <= 9)))
            return "one";
        if ((n === 2 || n === 3))
            return "two";
    }
    else {
        if (n === 1)
            return "one";
    }
    return "other";
},
function(num, isOrdinal, exponent = 0) {
    const numStr = String(num);
    const parts = numStr.split(".");
    const integerPart = parts[0];
    const decimalPart = parts[1] || "";
    const n = Math.abs(parseFloat(numStr));
    if (isOrdinal) {
    }
    else {
        if ((n >= 0 && n <= 1))
            return "one";
    }
    return "other";
},
function(num, isOrdinal, exponent = 0) {
    const numStr = String(num);
    const parts = numStr.split(".");
    const integerPart = parts[0];
    const decimalPart = parts[1] || "";
    const i = Math.floor(Math.abs(parseFloat(integerPart)));
    const v = decimalPart.length;
    if (isOrdinal) {
    }
    else {
        if (v === 0 && ((i % 10) >= 2 && (i % 10) <= 4) && ((i % 100) < 12 || (i % 100) > 14))
            return "few";
        if (v === 0 && i !== 1 && ((i % 10) >= 0 && (i % 10) <= 1) || v === 0 && ((i % 10) >= 5 && (i % 10) <= 9) || v === 0 && ((i % 100) >= 12 && (i % 100) <= 14))
            return "many";
        if (i === 1 && v === 0)
            return "one";
    }
    return "other";
},
function(num, isOrdinal, exponent = 0) {
    const numStr = String(num);
    const parts = numStr.split(".");
    const integerPart = parts[0];
    const decimalPart = parts[1] || "";
    const i = Math.floor(Math.abs(parseFloat(integerPart)));
    const v = decimalPart.length;
    const e = exponent;
    if (isOrdinal) {
    }
    else {
        if (e === 0 && i !== 0 && (i % 1000000) === 0 && v === 0 || (e < 0 || e > 5))
            return "many";
        if (i === 1 && v === 0)
            return "one";
    }
    return "other";
},
function(num, isOrdinal, exponent = 0) {
    const numStr = String(num);
    const parts = numStr.split(".");
    const integerPart = parts[0];
    const decimalPart = parts[1] || "";
    const i = Math.floor(Math.abs(parseFloat(integerPart)));
    const v = decimalPart.length;
    const e = exponent;
    if (isOrdinal) {
    }
    else {
        if (e === 0 && i !== 0 && (i % 1000000) === 0 && v === 0 || (e < 0 || e > 5))
            return "many";
        if ((i >= 0 && i <= 1))
            return "one";
    }
    return "other";
},
function(num, isOrdinal, exponent = 0) {
    const numStr = String(num);
    const parts = numStr.split(".");
    const integerPart = parts[0];
    const decimalPart = parts[1] || "";
    const n = Math.abs(parseFloat(numStr));
    const i = Math.floor(Math.abs(parseFloat(integerPart)));
    const v = decimalPart.length;
    if (isOrdinal) {
        if (n === 1)
            return "one";
    }
    else {
        if (v !== 0 || n === 0 || n !== 1 && ((n % 100) >= 1 && (n % 100) <= 19))
            return "few";
        if (i === 1 && v === 0)
            return "one";
    }
    return "other";
},
function(num, isOrdinal, exponent = 0) {
    const numStr = String(num);
    const parts = numStr.split(".");
    const integerPart = parts[0];
    const decimalPart = parts[1] || "";
    const i = Math.floor(Math.abs(parseFloat(integerPart)));
    const v = decimalPart.length;
    if (isOrdinal) {
    }
    else {
        if (v === 0 && ((i % 10) >= 2 && (i % 10) <= 4) && ((i % 100) < 12 || (i % 100) > 14))
            return "few";
        if (v === 0 && (i % 10) === 0 || v === 0 && ((i % 10) >= 5 && (i % 10) <= 9) || v === 0 && ((i % 100) >= 11 && (i % 100) <= 14))
            return "many";
        if (v === 0 && (i % 10) === 1 && (i % 100) !== 11)
            return "one";
    }
    return "other";
},
function(num, isOrdinal, exponent = 0) {
    const numStr = String(num);
    const parts = numStr.split(".");
    const integerPart = parts[0];
    const decimalPart = parts[1] || "";
    const n = Math.abs(parseFloat(numStr));
    const i = Math.floor(Math.abs(parseFloat(integerPart)));
    const v = decimalPart.length;
    const f = v > 0 ? parseInt(decimalPart, 10) : 0;
    if (isOrdinal) {
    }
    else {
        if ((n === 0 || n === 1) || i === 0 && f === 1)
            return "one";
    }
    return "other";
},
function(num, isOrdinal, exponent = 0) {
    const numStr = String(num);
    const parts = numStr.split(".");
    const integerPart = parts[0];
    const decimalPart = parts[1] || "";
    const i = Math.floor(Math.abs(parseFloat(integerPart)));
    const v = decimalPart.length;
    if (isOrdinal) {
    }
    else {
        if (v === 0 && ((i % 100) >= 3 && (i % 100) <= 4) || v !== 0)
            return "few";
        if (v === 0 && (i % 100) === 1)
            return "one";
        if (v === 0 && (i % 100) === 2)
            return "two";
    }
    return "other";
},
function(num, isOrdinal, exponent = 0) {
    const numStr = String(num);
    const parts = numStr.split(".");
    const integerPart = parts[0];
    const decimalPart = parts[1] || "";
    const n = Math.abs(parseFloat(numStr));
    if (isOrdinal) {
        if ((n % 10) === 4 && (n % 100) !== 14)
            return "many";
        if (n === 1)
            return "one";
    }
    else {
        if (n === 1)
            return "one";
    }
    return "other";
},
function(num, isOrdinal, exponent = 0) {
    const numStr = String(num);
    const parts = numStr.split(".");
    const integerPart = parts[0];
    const decimalPart = parts[1] || "";
    const n = Math.abs(parseFloat(numStr));
    const i = Math.floor(Math.abs(parseFloat(integerPart)));
    const v = decimalPart.length;
    if (isOrdinal) {
        if (((n % 10) === 1 || (n % 10) === 2) && ((n % 100) !== 11 && (n % 100) !== 12))
            return "one";
    }
    else {
        if (i === 1 && v === 0)
            return "one";
    }
    return "other";
},
function(num, isOrdinal, exponent = 0) {
    const numStr = String(num);
    const parts = numStr.split(".");
    const integerPart = parts[0];
    const decimalPart = parts[1] || "";
    const n = Math.abs(parseFloat(numStr));
    if (isOrdinal) {
        if (((n % 10) === 6 || (n % 10) === 9) || n === 10)
            return "few";
    }
    else {
        if (n === 1)
            return "one";
    }
    return "other";
},
function(num, isOrdinal, exponent = 0) {
    const numStr = String(num);
    const parts = numStr.split(".");
    const integerPart = parts[0];
    const decimalPart = parts[1] || "";
    const n = Math.abs(parseFloat(numStr));
    const i = Math.floor(Math.abs(parseFloat(integerPart)));
    const v = decimalPart.length;
    if (isOrdinal) {
        if ((n % 10) === 3 && (n % 100) !== 13)
            return "few";
    }
    else {
        if (v === 0 && ((i % 10) >= 2 && (i % 10) <= 4) && ((i % 100) < 12 || (i % 100) > 14))
            return "few";
        if (v === 0 && (i % 10) === 0 || v === 0 && ((i % 10) >= 5 && (i % 10) <= 9) || v === 0 && ((i % 100) >= 11 && (i % 100) <= 14))
            return "many";
        if (v === 0 && (i % 10) === 1 && (i % 100) !== 11)
            return "one";
    }
    return "other";
},
];
return {
locales: {
"af": { ...{"categories":{"cardinal":["one","other"],"ordinal":["other"]},"pluralRanges":{"cardinal":{"one_other":"other","other_one":"other","other_other":"other"},"ordinal":{}}}, fn: rules[0] },
"am": { ...{"categories":{"cardinal":["one","other"],"ordinal":["other"]},"pluralRanges":{"cardinal":{"one_one":"one","one_other":"other","other_other":"other"},"ordinal":{}}}, fn: rules[1] },
"ar": { ...{"categories":{"cardinal":["few","many","one","other","two","zero"],"ordinal":["other"]},"pluralRanges":{"cardinal":{"few_few":"few","few_many":"many","few_other":"other","many_few":"few","many_many":"many","many_other":"other","one_few":"few","one_many":"many","one_other":"other","one_two":"other","other_few":"few","other_many":"many","other_one":"other","other_other":"other","other_two":"other","two_few":"few","two_many":"many","two_other":"other","zero_few":"few","zero_many":"many","zero_one":"zero","zero_other":"other","zero_two":"zero"},"ordinal":{}}}, fn: rules[2] },
"as": { ...{"categories":{"cardinal":["one","other"],"ordinal":["few","many","one","other","two"]},"pluralRanges":{"cardinal":{"one_one":"one","one_other":"other","other_other":"other"},"ordinal":{}}}, fn: rules[3] },
"az": { ...{"categories":{"cardinal":["one","other"],"ordinal":["few","many","one","other"]},"pluralRanges":{"cardinal":{"one_other":"other","other_one":"one","other_other":"other"},"ordinal":{}}}, fn: rules[4] },
"be": { ...{"categories":{"cardinal":["few","many","one","other"],"ordinal":["few","other"]},"pluralRanges":{"cardinal":{"few_few":"few","few_many":"many","few_one":"one","few_other":"other","many_few":"few","many_many":"many","many_one":"one","many_other":"other","one_few":"few","one_many":"many","one_one":"one","one_other":"other","other_few":"few","other_many":"many","other_one":"one","other_other":"other"},"ordinal":{}}}, fn: rules[5] },
"bg": { ...{"categories":{"cardinal":["one","other"],"ordinal":["other"]},"pluralRanges":{"cardinal":{"one_other":"other","other_one":"other","other_other":"other"},"ordinal":{}}}, fn: rules[0] },
"bn": { ...{"categories":{"cardinal":["one","other"],"ordinal":["few","many","one","other","two"]},"pluralRanges":{"cardinal":{"one_one":"one","one_other":"other","other_other":"other"},"ordinal":{}}}, fn: rules[3] },
"bs": { ...{"categories":{"cardinal":["few","one","other"],"ordinal":["other"]},"pluralRanges":{"cardinal":{"few_few":"few","few_one":"one","few_other":"other","one_few":"few","one_one":"one","one_other":"other","other_few":"few","other_one":"one","other_other":"other"},"ordinal":{}}}, fn: rules[6] },
"ca": { ...{"categories":{"cardinal":["many","one","other"],"ordinal":["few","one","other","two"]},"compactExponents":{"short":{"3":3,"4":3,"5":3,"6":6,"7":6,"8":6,"9":6,"10":9,"11":9,"12":12,"13":12,"14":12},"long":{"3":3,"4":3,"5":3,"6":6,"7":6,"8":6,"9":9,"10":9,"11":9,"12":12,"13":12,"14":12}},"pluralRanges":{"cardinal":{"one_other":"other","other_one":"other","other_other":"other"},"ordinal":{}}}, fn: rules[7] },
"cs": { ...{"categories":{"cardinal":["few","many","one","other"],"ordinal":["other"]},"pluralRanges":{"cardinal":{"few_few":"few","few_many":"many","few_other":"other","many_few":"few","many_many":"many","many_one":"one","many_other":"other","one_few":"few","one_many":"many","one_other":"other","other_few":"few","other_many":"many","other_one":"one","other_other":"other"},"ordinal":{}}}, fn: rules[8] },
"cy": { ...{"categories":{"cardinal":["few","many","one","other","two","zero"],"ordinal":["few","many","one","other","two","zero"]},"pluralRanges":{"cardinal":{"few_many":"many","few_other":"other","many_other":"other","one_few":"few","one_many":"many","one_other":"other","one_two":"two","other_few":"few","other_many":"many","other_one":"one","other_other":"other","other_two":"two","two_few":"few","two_many":"many","two_other":"other","zero_few":"few","zero_many":"many","zero_one":"one","zero_other":"other","zero_two":"two"},"ordinal":{}}}, fn: rules[9] },
"da": { ...{"categories":{"cardinal":["one","other"],"ordinal":["other"]},"pluralRanges":{"cardinal":{"one_one":"one","one_other":"other","other_one":"one","other_other":"other"},"ordinal":{}}}, fn: rules[10] },
"de": { ...{"categories":{"cardinal":["one","other"],"ordinal":["other"]},"pluralRanges":{"cardinal":{"one_other":"other","other_one":"one","other_other":"other"},"ordinal":{}}}, fn: rules[11] },
"el": { ...{"categories":{"cardinal":["one","other"],"ordinal":["other"]},"pluralRanges":{"cardinal":{"one_other":"other","other_one":"one","other_other":"other"},"ordinal":{}}}, fn: rules[0] },
"en": { ...{"categories":{"cardinal":["one","other"],"ordinal":["few","one","other","two"]},"pluralRanges":{"cardinal":{"one_other":"other","other_one":"other","other_other":"other"},"ordinal":{}}}, fn: rules[12] },
"es": { ...{"categories":{"cardinal":["many","one","other"],"ordinal":["other"]},"compactExponents":{"short":{"3":3,"4":3,"5":3,"6":6,"7":6,"8":6,"9":6,"10":9,"11":9,"12":12,"13":12,"14":12},"long":{"3":3,"4":3,"5":3,"6":6,"7":6,"8":6,"9":9,"10":9,"11":9,"12":12,"13":12,"14":12}},"pluralRanges":{"cardinal":{"one_other":"other","other_one":"other","other_other":"other"},"ordinal":{}}}, fn: rules[13] },
"et": { ...{"categories":{"cardinal":["one","other"],"ordinal":["other"]},"pluralRanges":{"cardinal":{"one_other":"other","other_one":"other","other_other":"other"},"ordinal":{}}}, fn: rules[11] },
"eu": { ...{"categories":{"cardinal":["one","other"],"ordinal":["other"]},"pluralRanges":{"cardinal":{"one_other":"other","other_one":"other","other_other":"other"},"ordinal":{}}}, fn: rules[0] },
"fa": { ...{"categories":{"cardinal":["one","other"],"ordinal":["other"]},"pluralRanges":{"cardinal":{"one_one":"other","one_other":"other","other_one":"one","other_other":"other"},"ordinal":{}}}, fn: rules[1] },
"fi": { ...{"categories":{"cardinal":["one","other"],"ordinal":["other"]},"pluralRanges":{"cardinal":{"one_other":"other","other_one":"other","other_other":"other"},"ordinal":{}}}, fn: rules[11] },
"fil": { ...{"categories":{"cardinal":["one","other"],"ordinal":["one","other"]},"pluralRanges":{"cardinal":{"one_one":"one","one_other":"other","other_one":"one","other_other":"other"},"ordinal":{}}}, fn: rules[14] },
"fr": { ...{"categories":{"cardinal":["many","one","other"],"ordinal":["one","other"]},"compactExponents":{"short":{"3":3,"4":3,"5":3,"6":6,"7":6,"8":6,"9":9,"10":9,"11":9,"12":12,"13":12,"14":12},"long":{"3":3,"4":3,"5":3,"6":6,"7":6,"8":6,"9":9,"10":9,"11":9,"12":12,"13":12,"14":12}},"pluralRanges":{"cardinal":{"one_one":"one","one_other":"other","other_other":"other"},"ordinal":{}}}, fn: rules[15] },
"ga": { ...{"categories":{"cardinal":["few","many","one","other","two"],"ordinal":["one","other"]},"pluralRanges":{"cardinal":{"few_few":"few","few_many":"many","few_other":"other","many_many":"many","many_other":"other","one_few":"few","one_many":"many","one_other":"other","one_two":"two","other_few":"few","other_many":"many","other_one":"one","other_other":"other","other_two":"two","two_few":"few","two_many":"many","two_other":"other"},"ordinal":{}}}, fn: rules[16] },
"gl": { ...{"categories":{"cardinal":["one","other"],"ordinal":["other"]},"pluralRanges":{"cardinal":{"one_other":"other","other_one":"one","other_other":"other"},"ordinal":{}}}, fn: rules[11] },
"gu": { ...{"categories":{"cardinal":["one","other"],"ordinal":["few","many","one","other","two"]},"pluralRanges":{"cardinal":{"one_one":"one","one_other":"other","other_other":"other"},"ordinal":{}}}, fn: rules[17] },
"ha": { ...{"categories":{"cardinal":["one","other"],"ordinal":["other"]}}, fn: rules[0] },
"he": { ...{"categories":{"cardinal":["one","other","two"],"ordinal":["other"]},"pluralRanges":{"cardinal":{"one_other":"other","one_two":"other","other_one":"other","other_other":"other","other_two":"other","two_other":"other"},"ordinal":{}}}, fn: rules[18] },
"hi": { ...{"categories":{"cardinal":["one","other"],"ordinal":["few","many","one","other","two"]},"pluralRanges":{"cardinal":{"one_one":"one","one_other":"other","other_other":"other"},"ordinal":{}}}, fn: rules[17] },
"hr": { ...{"categories":{"cardinal":["few","one","other"],"ordinal":["other"]},"pluralRanges":{"cardinal":{"few_few":"few","few_one":"one","few_other":"other","one_few":"few","one_one":"one","one_other":"other","other_few":"few","other_one":"one","other_other":"other"},"ordinal":{}}}, fn: rules[6] },
"hu": { ...{"categories":{"cardinal":["one","other"],"ordinal":["one","other"]},"pluralRanges":{"cardinal":{"one_other":"other","other_one":"one","other_other":"other"},"ordinal":{}}}, fn: rules[19] },
"hy": { ...{"categories":{"cardinal":["one","other"],"ordinal":["one","other"]},"pluralRanges":{"cardinal":{"one_one":"one","one_other":"other","other_other":"other"},"ordinal":{}}}, fn: rules[20] },
"id": { ...{"categories":{"cardinal":["other"],"ordinal":["other"]},"pluralRanges":{"cardinal":{"other_other":"other"},"ordinal":{}}}, fn: rules[21] },
"ig": { ...{"categories":{"cardinal":["other"],"ordinal":["other"]}}, fn: rules[21] },
"is": { ...{"categories":{"cardinal":["one","other"],"ordinal":["other"]},"pluralRanges":{"cardinal":{"one_one":"one","one_other":"other","other_one":"one","other_other":"other"},"ordinal":{}}}, fn: rules[22] },
"it": { ...{"categories":{"cardinal":["many","one","other"],"ordinal":["many","other"]},"compactExponents":{"short":{"3":3,"4":3,"5":3,"6":6,"7":6,"8":6,"9":9,"10":9,"11":9,"12":12,"13":12,"14":12},"long":{"3":3,"4":3,"5":3,"6":6,"7":6,"8":6,"9":9,"10":9,"11":9,"12":12,"13":12,"14":12}},"pluralRanges":{"cardinal":{"one_other":"other","other_one":"one","other_other":"other"},"ordinal":{}}}, fn: rules[23] },
"ja": { ...{"categories":{"cardinal":["other"],"ordinal":["other"]},"pluralRanges":{"cardinal":{"other_other":"other"},"ordinal":{}}}, fn: rules[21] },
"ka": { ...{"categories":{"cardinal":["one","other"],"ordinal":["many","one","other"]},"pluralRanges":{"cardinal":{"one_other":"one","other_one":"other","other_other":"other"},"ordinal":{}}}, fn: rules[24] },
"kk": { ...{"categories":{"cardinal":["one","other"],"ordinal":["many","other"]},"pluralRanges":{"cardinal":{"one_other":"other","other_one":"one","other_other":"other"},"ordinal":{}}}, fn: rules[25] },
"km": { ...{"categories":{"cardinal":["other"],"ordinal":["other"]},"pluralRanges":{"cardinal":{"other_other":"other"},"ordinal":{}}}, fn: rules[21] },
"kn": { ...{"categories":{"cardinal":["one","other"],"ordinal":["other"]},"pluralRanges":{"cardinal":{"one_one":"one","one_other":"other","other_other":"other"},"ordinal":{}}}, fn: rules[1] },
"ko": { ...{"categories":{"cardinal":["other"],"ordinal":["other"]},"pluralRanges":{"cardinal":{"other_other":"other"},"ordinal":{}}}, fn: rules[21] },
"ky": { ...{"categories":{"cardinal":["one","other"],"ordinal":["other"]},"pluralRanges":{"cardinal":{"one_other":"other","other_one":"one","other_other":"other"},"ordinal":{}}}, fn: rules[0] },
"lo": { ...{"categories":{"cardinal":["other"],"ordinal":["one","other"]},"pluralRanges":{"cardinal":{"other_other":"other"},"ordinal":{}}}, fn: rules[26] },
"lt": { ...{"categories":{"cardinal":["few","many","one","other"],"ordinal":["other"]},"pluralRanges":{"cardinal":{"few_few":"few","few_many":"many","few_one":"one","few_other":"other","many_few":"few","many_many":"many","many_one":"one","many_other":"other","one_few":"few","one_many":"many","one_one":"one","one_other":"other","other_few":"few","other_many":"many","other_one":"one","other_other":"other"},"ordinal":{}}}, fn: rules[27] },
"lv": { ...{"categories":{"cardinal":["one","other","zero"],"ordinal":["other"]},"pluralRanges":{"cardinal":{"one_one":"one","one_other":"other","one_zero":"other","other_one":"one","other_other":"other","other_zero":"other","zero_one":"one","zero_other":"other","zero_zero":"other"},"ordinal":{}}}, fn: rules[28] },
"mk": { ...{"categories":{"cardinal":["one","other"],"ordinal":["many","one","other","two"]},"pluralRanges":{"cardinal":{"one_one":"other","one_other":"other","other_one":"other","other_other":"other"},"ordinal":{}}}, fn: rules[29] },
"ml": { ...{"categories":{"cardinal":["one","other"],"ordinal":["other"]},"pluralRanges":{"cardinal":{"one_other":"other","other_one":"one","other_other":"other"},"ordinal":{}}}, fn: rules[0] },
"mn": { ...{"categories":{"cardinal":["one","other"],"ordinal":["other"]},"pluralRanges":{"cardinal":{"one_other":"other","other_one":"one","other_other":"other"},"ordinal":{}}}, fn: rules[0] },
"mr": { ...{"categories":{"cardinal":["one","other"],"ordinal":["few","one","other","two"]},"pluralRanges":{"cardinal":{"one_one":"one","one_other":"other","other_other":"other"},"ordinal":{}}}, fn: rules[30] },
"ms": { ...{"categories":{"cardinal":["other"],"ordinal":["one","other"]},"pluralRanges":{"cardinal":{"other_other":"other"},"ordinal":{}}}, fn: rules[26] },
"my": { ...{"categories":{"cardinal":["other"],"ordinal":["other"]},"pluralRanges":{"cardinal":{"other_other":"other"},"ordinal":{}}}, fn: rules[21] },
"nb": { ...{"categories":{"cardinal":["one","other"],"ordinal":["other"]},"pluralRanges":{"cardinal":{"one_other":"other","other_one":"other","other_other":"other"},"ordinal":{}}}, fn: rules[0] },
"ne": { ...{"categories":{"cardinal":["one","other"],"ordinal":["one","other"]},"pluralRanges":{"cardinal":{"one_other":"other","other_one":"one","other_other":"other"},"ordinal":{}}}, fn: rules[31] },
"nl": { ...{"categories":{"cardinal":["one","other"],"ordinal":["other"]},"pluralRanges":{"cardinal":{"one_other":"other","other_one":"one","other_other":"other"},"ordinal":{}}}, fn: rules[11] },
"nn": { ...{"categories":{"cardinal":["one","other"],"ordinal":["other"]}}, fn: rules[0] },
"no": { ...{"categories":{"cardinal":["one","other"],"ordinal":["other"]},"pluralRanges":{"cardinal":{"one_other":"other","other_one":"other","other_other":"other"},"ordinal":{}}}, fn: rules[0] },
"or": { ...{"categories":{"cardinal":["one","other"],"ordinal":["few","many","one","other","two"]},"pluralRanges":{"cardinal":{"one_one":"other","one_other":"other","other_one":"one","other_other":"other"},"ordinal":{}}}, fn: rules[32] },
"pa": { ...{"categories":{"cardinal":["one","other"],"ordinal":["other"]},"pluralRanges":{"cardinal":{"one_one":"one","one_other":"other","other_one":"one","other_other":"other"},"ordinal":{}}}, fn: rules[33] },
"pl": { ...{"categories":{"cardinal":["few","many","one","other"],"ordinal":["other"]},"pluralRanges":{"cardinal":{"few_few":"few","few_many":"many","few_other":"other","many_few":"few","many_many":"many","many_one":"one","many_other":"other","one_few":"few","one_many":"many","one_other":"other","other_few":"few","other_many":"many","other_one":"one","other_other":"other"},"ordinal":{}}}, fn: rules[34] },
"ps": { ...{"categories":{"cardinal":["one","other"],"ordinal":["other"]},"pluralRanges":{"cardinal":{"one_one":"one","one_other":"other","other_other":"other"},"ordinal":{}}}, fn: rules[0] },
"pt-PT": { ...{"categories":{"cardinal":["many","one","other"],"ordinal":["other"]},"compactExponents":{"short":{"3":3,"4":3,"5":3,"6":6,"7":6,"8":6,"9":9,"10":9,"11":9,"12":12,"13":12,"14":12},"long":{"3":3,"4":3,"5":3,"6":6,"7":6,"8":6,"9":9,"10":9,"11":9,"12":12,"13":12,"14":12}}}, fn: rules[35] },
"pt": { ...{"categories":{"cardinal":["many","one","other"],"ordinal":["other"]},"compactExponents":{"short":{"3":3,"4":3,"5":3,"6":6,"7":6,"8":6,"9":9,"10":9,"11":9,"12":12,"13":12,"14":12},"long":{"3":3,"4":3,"5":3,"6":6,"7":6,"8":6,"9":9,"10":9,"11":9,"12":12,"13":12,"14":12}},"pluralRanges":{"cardinal":{"one_one":"one","one_other":"other","other_other":"other"},"ordinal":{}}}, fn: rules[36] },
"ro": { ...{"categories":{"cardinal":["few","one","other"],"ordinal":["one","other"]},"pluralRanges":{"cardinal":{"few_few":"few","few_one":"few","few_other":"other","one_few":"few","one_other":"other","other_few":"few","other_other":"other"},"ordinal":{}}}, fn: rules[37] },
"ru": { ...{"categories":{"cardinal":["few","many","one","other"],"ordinal":["other"]},"pluralRanges":{"cardinal":{"few_few":"few","few_many":"many","few_one":"one","few_other":"other","many_few":"few","many_many":"many","many_one":"one","many_other":"other","one_few":"few","one_many":"many","one_one":"one","one_other":"other","other_few":"few","other_many":"many","other_one":"one","other_other":"other"},"ordinal":{}}}, fn: rules[38] },
"sd": { ...{"categories":{"cardinal":["one","other"],"ordinal":["other"]},"pluralRanges":{"cardinal":{"one_one":"other","one_other":"other","other_one":"one","other_other":"other"},"ordinal":{}}}, fn: rules[0] },
"si": { ...{"categories":{"cardinal":["one","other"],"ordinal":["other"]},"pluralRanges":{"cardinal":{"one_one":"one","one_other":"other","other_one":"other","other_other":"other"},"ordinal":{}}}, fn: rules[39] },
"sk": { ...{"categories":{"cardinal":["few","many","one","other"],"ordinal":["other"]},"pluralRanges":{"cardinal":{"few_few":"few","few_many":"many","few_other":"other","many_few":"few","many_many":"many","many_one":"one","many_other":"other","one_few":"few","one_many":"many","one_other":"other","other_few":"few","other_many":"many","other_one":"one","other_other":"other"},"ordinal":{}}}, fn: rules[8] },
"sl": { ...{"categories":{"cardinal":["few","one","other","two"],"ordinal":["other"]},"pluralRanges":{"cardinal":{"few_few":"few","few_one":"few","few_other":"other","few_two":"two","one_few":"few","one_one":"few","one_other":"other","one_two":"two","other_few":"few","other_one":"few","other_other":"other","other_two":"two","two_few":"few","two_one":"few","two_other":"other","two_two":"two"},"ordinal":{}}}, fn: rules[40] },
"so": { ...{"categories":{"cardinal":["one","other"],"ordinal":["other"]}}, fn: rules[0] },
"sq": { ...{"categories":{"cardinal":["one","other"],"ordinal":["many","one","other"]},"pluralRanges":{"cardinal":{"one_other":"other","other_one":"one","other_other":"other"},"ordinal":{}}}, fn: rules[41] },
"sr": { ...{"categories":{"cardinal":["few","one","other"],"ordinal":["other"]},"pluralRanges":{"cardinal":{"few_few":"few","few_one":"one","few_other":"other","one_few":"few","one_one":"one","one_other":"other","other_few":"few","other_one":"one","other_other":"other"},"ordinal":{}}}, fn: rules[6] },
"sv": { ...{"categories":{"cardinal":["one","other"],"ordinal":["one","other"]},"pluralRanges":{"cardinal":{"one_other":"other","other_one":"other","other_other":"other"},"ordinal":{}}}, fn: rules[42] },
"sw": { ...{"categories":{"cardinal":["one","other"],"ordinal":["other"]},"pluralRanges":{"cardinal":{"one_other":"other","other_one":"one","other_other":"other"},"ordinal":{}}}, fn: rules[11] },
"ta": { ...{"categories":{"cardinal":["one","other"],"ordinal":["other"]},"pluralRanges":{"cardinal":{"one_other":"other","other_one":"one","other_other":"other"},"ordinal":{}}}, fn: rules[0] },
"te": { ...{"categories":{"cardinal":["one","other"],"ordinal":["other"]},"pluralRanges":{"cardinal":{"one_other":"other","other_one":"one","other_other":"other"},"ordinal":{}}}, fn: rules[0] },
"th": { ...{"categories":{"cardinal":["other"],"ordinal":["other"]},"pluralRanges":{"cardinal":{"other_other":"other"},"ordinal":{}}}, fn: rules[21] },
"tk": { ...{"categories":{"cardinal":["one","other"],"ordinal":["few","other"]},"pluralRanges":{"cardinal":{"one_other":"other","other_one":"one","other_other":"other"},"ordinal":{}}}, fn: rules[43] },
"to": { ...{"categories":{"cardinal":["other"],"ordinal":["other"]}}, fn: rules[21] },
"tr": { ...{"categories":{"cardinal":["one","other"],"ordinal":["other"]},"pluralRanges":{"cardinal":{"one_other":"other","other_one":"one","other_other":"other"},"ordinal":{}}}, fn: rules[0] },
"uk": { ...{"categories":{"cardinal":["few","many","one","other"],"ordinal":["few","other"]},"pluralRanges":{"cardinal":{"few_few":"few","few_many":"many","few_one":"one","few_other":"other","many_few":"few","many_many":"many","many_one":"one","many_other":"other","one_few":"few","one_many":"many","one_one":"one","one_other":"other","other_few":"few","other_many":"many","other_one":"one","other_other":"other"},"ordinal":{}}}, fn: rules[44] },
"ur": { ...{"categories":{"cardinal":["one","other"],"ordinal":["other"]},"pluralRanges":{"cardinal":{"one_other":"other","other_one":"other","other_other":"other"},"ordinal":{}}}, fn: rules[11] },
"uz": { ...{"categories":{"cardinal":["one","other"],"ordinal":["other"]},"pluralRanges":{"cardinal":{"one_other":"other","other_one":"one","other_other":"other"},"ordinal":{}}}, fn: rules[0] },
"vi": { ...{"categories":{"cardinal":["other"],"ordinal":["one","other"]},"pluralRanges":{"cardinal":{"other_other":"other"},"ordinal":{}}}, fn: rules[26] },
"yo": { ...{"categories":{"cardinal":["other"],"ordinal":["other"]}}, fn: rules[21] },
"yue": { ...{"categories":{"cardinal":["other"],"ordinal":["other"]},"pluralRanges":{"cardinal":{"other_other":"other"},"ordinal":{}}}, fn: rules[21] },
"zh": { ...{"categories":{"cardinal":["other"],"ordinal":["other"]},"pluralRanges":{"cardinal":{"other_other":"other"},"ordinal":{}}}, fn: rules[21] },
"zu": { ...{"categories":{"cardinal":["one","other"],"ordinal":["other"]},"pluralRanges":{"cardinal":{"one_one":"one","one_other":"other","other_other":"other"},"ordinal":{}}}, fn: rules[1] },
},
tags: {"af":"af","af-ZA":"af","am":"am","am-ET":"am","ar":"ar","ar-001":"ar","as":"as","as-IN":"as","az":"az","be":"be","be-BY":"be","bg":"bg","bg-BG":"bg","bn":"bn","bn-BD":"bn","bs":"bs","ca":"ca","ca-ES":"ca","cs":"cs","cs-CZ":"cs","cy":"cy","cy-GB":"cy","da":"da","da-DK":"da","de":"de","de-DE":"de","el":"el","el-GR":"el","en":"en","en-US":"en","es":"es","es-ES":"es","et":"et","et-EE":"et","eu":"eu","eu-ES":"eu","fa":"fa","fa-IR":"fa","fi":"fi","fi-FI":"fi","fil":"fil","fil-PH":"fil","fr":"fr","fr-FR":"fr","ga":"ga","ga-IE":"ga","gl":"gl","gl-ES":"gl","gu":"gu","gu-IN":"gu","ha":"ha","ha-NG":"ha","he":"he","he-IL":"he","hi":"hi","hi-IN":"hi","hr":"hr","hr-HR":"hr","hu":"hu","hu-HU":"hu","hy":"hy","hy-AM":"hy","id":"id","id-ID":"id","ig":"ig","ig-NG":"ig","is":"is","is-IS":"is","it":"it","it-IT":"it","ja":"ja","ja-JP":"ja","ka":"ka","ka-GE":"ka","kk":"kk","km":"km","km-KH":"km","kn":"kn","kn-IN":"kn","ko":"ko","ko-KR":"ko","ky":"ky","ky-KG":"ky","lo":"lo","lo-LA":"lo","lt":"lt","lt-LT":"lt","lv":"lv","lv-LV":"lv","mk":"mk","mk-MK":"mk","ml":"ml","ml-IN":"ml","mn":"mn","mn-MN":"mn","mr":"mr","mr-IN":"mr","ms":"ms","ms-MY":"ms","my":"my","my-MM":"my","nb":"nb","nb-NO":"nb","ne":"ne","ne-NP":"ne","nl":"nl","nl-NL":"nl","nn":"nn","nn-NO":"nn","no":"no","or":"or","or-IN":"or","pa":"pa","pl":"pl","pl-PL":"pl","ps":"ps","ps-AF":"ps","pt-PT":"pt-PT","pt":"pt","pt-BR":"pt","ro":"ro","ro-RO":"ro","ru":"ru","ru-RU":"ru","sd":"sd","si":"si","si-LK":"si","sk":"sk","sk-SK":"sk","sl":"sl","sl-SI":"sl","so":"so","so-SO":"so","sq":"sq","sq-AL":"sq","sr":"sr","sv":"sv","sv-SE":"sv","sw":"sw","sw-TZ":"sw","ta":"ta","ta-IN":"ta","te":"te","te-IN":"te","th":"th","th-TH":"th","tk":"tk","tk-TM":"tk","to":"to","to-TO":"to","tr":"tr","tr-TR":"tr","uk":"uk","uk-UA":"uk","ur":"ur","ur-PK":"ur","uz":"uz","vi":"vi","vi-VN":"vi","yo":"yo","yo-NG":"yo","yue":"yue","zh":"zh","zu":"zu","zu-ZA":"zu"},
};
})();
