import { createSSRApp } from "vue";
import Page from "./Page.vue";

createSSRApp(Page, { visit: window.visit }).mount("#app");
